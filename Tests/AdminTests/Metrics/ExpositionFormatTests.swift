import Testing

@testable import Admin

@Suite("Exposition format")
struct ExpositionFormatTests {
    @Test(arguments: [
        (nil, ExpositionFormat.prometheus),
        ("*/*", .prometheus),
        ("text/html, */*;q=0.1", .prometheus),
        ("text/plain;version=0.0.4", .prometheus),
        ("application/openmetrics-text", .openMetrics),
        ("application/openmetrics-text; version=1.0.0; charset=utf-8", .openMetrics),
        ("Application/OpenMetrics-Text ;version=1.0.0", .openMetrics),
        ("application/openmetrics-text;version=2.0.0", .prometheus),
        ("application/openmetrics-text;q=0", .prometheus),
        ("application/openmetrics-text;q=0.3,text/plain;q=0.5", .prometheus),
        (
            "application/openmetrics-text;version=1.0.0;q=0.5,"
                + "application/openmetrics-text;version=0.0.1;q=0.4,"
                + "text/plain;version=0.0.4;q=0.3,*/*;q=0.2",
            .openMetrics
        ),
    ])
    func `the preferred format is chosen`(accept: String?, expected: ExpositionFormat) {
        #expect(ExpositionFormat(accept: accept) == expected)
    }
}
