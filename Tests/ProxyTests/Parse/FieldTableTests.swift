import Testing

@testable import Proxy

@Suite("Field table")
struct FieldTableTests {
    private func field(_ start: Int) -> Field {
        Field(
            name: ByteRange(start, start + 1),
            value: ByteRange(start + 2, start + 3),
            lineEnd: UInt32(start + 5),
            known: .other,
            isRemoved: false
        )
    }

    @Test func `fields are found in the order they were added in`() {
        var fields = FieldTable()
        for index in 0..<FieldTable.capacityLimit { fields.append(field(index)) }

        let starts = (0..<fields.count).map { fields[$0].name.start }

        #expect(starts == Array(0..<256))
    }

    @Test func `a field can be changed in its place`() {
        var fields = FieldTable()
        fields.append(field(1))
        fields.append(field(2))

        fields[1].isRemoved = true

        let removed = (0..<fields.count).map { fields[$0].isRemoved }
        #expect(removed == [false, true])
    }

    @Test func `an emptied table starts anew`() {
        var fields = FieldTable()
        fields.append(field(1))

        fields.removeAll()
        fields.append(field(7))

        let (count, start) = (fields.count, fields[0].name.start)
        #expect(count == 1)
        #expect(start == 7)
    }

    @Test func `a place behind the last field traps`() async {
        await #expect(processExitsWith: .failure) {
            let fields = FieldTable()
            _ = fields[0]
        }
        await #expect(processExitsWith: .failure) {
            let fields = FieldTable()
            _ = fields[-1]
        }
    }

    @Test func `more fields than the capacity trap`() async {
        await #expect(processExitsWith: .failure) {
            var fields = FieldTable()
            for _ in 0...FieldTable.capacityLimit {
                fields.append(
                    Field(name: .empty, value: .empty, lineEnd: 0, known: .other, isRemoved: false)
                )
            }
        }
    }
}
