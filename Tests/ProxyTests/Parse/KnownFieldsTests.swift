import Testing

@testable import Proxy

@Suite("Known fields")
struct KnownFieldsTests {
    @Test func `a name that does not occur has no place`() {
        let known = KnownFields()

        for name in FieldName.allCases where name.rawValue < KnownFields.indexedNames {
            #expect(known.index(name) == -1)
        }
    }

    @Test func `the last of several fields is remembered, and that there were several`() {
        var known = KnownFields()

        known.note(.cookie, at: 3)
        known.note(.host, at: 4)
        known.note(.cookie, at: 255)

        #expect(known.index(.cookie) == 255)
        #expect(known.index(.host) == 4)
        #expect(known.repeated == FieldNameSet().with(.cookie))
        #expect(known.names == FieldNameSet().with(.cookie).with(.host))
    }

    @Test func `names without a place are in the sets`() {
        var known = KnownFields()

        known.note(.location, at: 1)
        known.note(.cacheControl, at: 2)

        #expect(known.names.contains(.location))
        #expect(known.names.contains(.cacheControl))
        #expect(!known.names.contains(.setCookie))
    }

    @Test func `all names that heads are asked for have a place`() {
        let asked: [FieldName] = [
            .host, .contentLength, .transferEncoding, .connection, .upgrade, .expect,
            .xForwardedFor, .xForwardedProto, .xForwardedHost, .cookie, .xRequestID, .date,
        ]

        #expect(asked.allSatisfy { $0.rawValue < KnownFields.indexedNames })
    }

    @Test func `sets are disjoint when they share no name`() {
        let set = FieldNameSet().with(.host).with(.te)

        #expect(set.isDisjoint(with: FieldNameSet().with(.date)))
        #expect(!set.isDisjoint(with: FieldNameSet().with(.te).with(.date)))
    }
}
