import CLinux
import Glibc

extension Double {
    var logarithm: Double { log(self) }
    var exponential: Double { exp(self) }
    var sine: Double { sin(self) }
    var cosine: Double { cos(self) }
}
