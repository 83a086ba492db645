//! Writes tables in the format of Apache Parquet, a group of rows at a time. Pure.
//!
//! What is written: format version 1, flat columns, data pages v1 without compression, PLAIN or dictionary-encoded, one page a
//! column and group. The crate `parquet` (60.1, without default features) would add 242 kB to the compressed Worker.

use std::collections::HashMap;

/// What a column has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// UTF-8.
    Text,
    /// Milliseconds since 1970, UTC. The only kind that every row has.
    Time,
    Whole,
    Number,
    Flag,
}

/// A value of a row.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    Text(String),
    Time(i64),
    Whole(i64),
    Number(f64),
    Flag(bool),
}

impl Kind {
    /// The number of the physical type.
    const fn code(self) -> i64 {
        match self {
            Self::Flag => 0,
            Self::Time | Self::Whole => 2,
            Self::Number => 5,
            Self::Text => 6,
        }
    }

    /// The type's name, for people.
    #[cfg(not(target_arch = "wasm32"))]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Text => "STRING",
            Self::Time => "TIMESTAMP(MILLIS, UTC)",
            Self::Whole => "INT64",
            Self::Number => "DOUBLE",
            Self::Flag => "BOOLEAN",
        }
    }

    const fn is_required(self) -> bool {
        matches!(self, Self::Time)
    }

    /// A column's element of the schema.
    fn element(self, name: &str) -> Vec<u8> {
        let mut element = Struct::default();
        element.number(1, I32, self.code());
        element.number(3, I32, i64::from(!self.is_required()));
        element.text(4, name);
        match self {
            Self::Text => {
                element.number(6, I32, 0);
                element.nested(10, Struct::of(|logical| logical.nested(1, Struct::default())));
            }
            Self::Time => {
                element.number(6, I32, 9);
                let millis = Struct::of(|unit| unit.nested(1, Struct::default()));
                let time = Struct::of(|time| {
                    time.flag(1, true);
                    time.nested(2, millis);
                });
                element.nested(10, Struct::of(|logical| logical.nested(8, time)));
            }
            Self::Whole | Self::Number | Self::Flag => {}
        }
        element.end()
    }
}

const PLAIN: i64 = 0;
const RLE: i64 = 3;
const RLE_DICTIONARY: i64 = 8;
const MAGIC: &[u8] = b"PAR1";

/// A table being written.
pub struct Writer {
    columns: Vec<Column>,
    /// The bytes written so far.
    position: i64,
    rows: i64,
    /// The rows that are not written yet.
    held: i64,
    /// What the footer says of each group.
    groups: Vec<Vec<u8>>,
}

impl Writer {
    /// A table with these columns.
    pub fn new<'a>(columns: impl IntoIterator<Item = (&'a str, Kind)>) -> Self {
        let columns = columns.into_iter().map(|(name, kind)| Column::new(name, kind)).collect();
        Self { columns, position: 0, rows: 0, held: 0, groups: Vec::new() }
    }

    /// Adds a row. A cell of another kind than its column's is as if it were not there.
    pub fn push(&mut self, cells: impl IntoIterator<Item = Option<Cell>>) {
        let mut cells = cells.into_iter();
        for column in &mut self.columns {
            column.push(cells.next().flatten());
        }
        self.held += 1;
    }

    /// How many rows are held.
    pub fn held_rows(&self) -> i64 {
        self.held
    }

    /// About how many bytes the held rows need.
    pub fn held_bytes(&self) -> usize {
        self.columns.iter().map(Column::held_bytes).sum()
    }

    /// The held rows as a group, as bytes that follow those returned before.
    pub fn group(&mut self) -> Vec<u8> {
        let mut bytes = if self.position == 0 { MAGIC.to_vec() } else { Vec::new() };
        if self.held > 0 {
            let start = length(&bytes);
            let (rows, position) = (self.held, self.position);
            let chunks: Vec<_> =
                self.columns.iter_mut().map(|column| column.write(rows, position, &mut bytes)).collect();
            let group = Struct::of(|group| {
                group.list(1, STRUCT, &chunks);
                group.number(2, I64, length(&bytes) - start);
                group.number(3, I64, rows);
            });
            self.groups.push(group.end());
            self.rows += rows;
            self.held = 0;
        }
        self.position += length(&bytes);
        bytes
    }

    /// The last bytes: the held rows, and the footer.
    pub fn finish(mut self) -> Vec<u8> {
        let mut bytes = self.group();
        let mut schema = vec![
            Struct::of(|root| {
                root.text(4, "export");
                root.number(5, I32, i64::try_from(self.columns.len()).unwrap_or(i64::MAX));
            })
            .end(),
        ];
        schema.extend(self.columns.iter().map(|column| column.kind.element(&column.name)));
        // The order that the smallest and largest times are of.
        let orders = vec![Struct::of(|order| order.nested(1, Struct::default())).end(); self.columns.len()];
        let footer = Struct::of(|footer| {
            footer.number(1, I32, 1);
            footer.list(2, STRUCT, &schema);
            footer.number(3, I64, self.rows);
            footer.list(4, STRUCT, &self.groups);
            footer.text(6, "sluice");
            footer.list(7, STRUCT, &orders);
        })
        .end();
        bytes.extend_from_slice(&footer);
        bytes.extend_from_slice(&u32::try_from(footer.len()).unwrap_or(u32::MAX).to_le_bytes());
        bytes.extend_from_slice(MAGIC);
        bytes
    }
}

/// The held values of a column.
struct Column {
    name: String,
    kind: Kind,
    /// For each row whether it has a value.
    is_there: Vec<u32>,
    /// PLAIN-encoded; of texts, each different one once, in the order of their numbers.
    values: Vec<u8>,
    /// Of texts, the number of each value.
    numbers: Vec<u32>,
    known: HashMap<String, u32>,
    flags: Vec<u32>,
    /// The smallest and the largest time.
    times: Option<(i64, i64)>,
}

impl Column {
    fn new(name: &str, kind: Kind) -> Self {
        Self {
            name: name.to_owned(),
            kind,
            is_there: Vec::new(),
            values: Vec::new(),
            numbers: Vec::new(),
            known: HashMap::new(),
            flags: Vec::new(),
            times: None,
        }
    }

    fn push(&mut self, cell: Option<Cell>) {
        let is_there = match (self.kind, cell) {
            (Kind::Text, Some(Cell::Text(text))) => {
                self.push_text(text);
                true
            }
            (Kind::Whole, Some(Cell::Whole(number))) => {
                self.values.extend_from_slice(&number.to_le_bytes());
                true
            }
            (Kind::Number, Some(Cell::Number(number))) => {
                self.values.extend_from_slice(&number.to_le_bytes());
                true
            }
            (Kind::Flag, Some(Cell::Flag(flag))) => {
                self.flags.push(flag.into());
                true
            }
            (Kind::Time, cell) => {
                let time = if let Some(Cell::Time(time)) = cell { time } else { 0 };
                self.values.extend_from_slice(&time.to_le_bytes());
                self.times = Some(self.times.map_or((time, time), |(least, most)| (least.min(time), most.max(time))));
                return;
            }
            _ => false,
        };
        self.is_there.push(is_there.into());
    }

    fn push_text(&mut self, text: String) {
        let next = u32::try_from(self.known.len()).unwrap_or(u32::MAX);
        let number = *self.known.entry(text).or_insert_with_key(|text| {
            self.values.extend_from_slice(&u32::try_from(text.len()).unwrap_or(u32::MAX).to_le_bytes());
            self.values.extend_from_slice(text.as_bytes());
            next
        });
        self.numbers.push(number);
    }

    fn held_bytes(&self) -> usize {
        let texts = if self.known.is_empty() { 0 } else { self.values.len() };
        self.values.len() + texts + 4 * (self.numbers.len() + self.is_there.len() + self.flags.len())
    }

    /// Adds the chunk of `rows` rows to `bytes`, which begin at `before`, lets go of them, and returns what the footer says of it.
    fn write(&mut self, rows: i64, before: i64, bytes: &mut Vec<u8>) -> Vec<u8> {
        let start = before + length(bytes);
        let chunk = std::mem::replace(self, Self::new(&self.name, self.kind));
        // Each text stands once in the dictionary; if all differ, that is the page itself.
        let has_dictionary = chunk.known.len() < chunk.numbers.len();
        let mut page = Vec::new();
        if !self.kind.is_required() {
            let mut levels = Vec::new();
            hybrid(&chunk.is_there, 1, &mut levels);
            page.extend_from_slice(&u32::try_from(levels.len()).unwrap_or(u32::MAX).to_le_bytes());
            page.extend_from_slice(&levels);
        }
        let mut dictionary = None;
        if has_dictionary {
            dictionary = Some(start);
            let texts = length_of(chunk.known.len());
            let header = Struct::of(|header| {
                header.number(1, I32, texts);
                header.number(2, I32, PLAIN);
            });
            put_page(2, 7, header, &chunk.values, bytes);
            let width = (usize::BITS - (chunk.known.len() - 1).leading_zeros()).max(1);
            page.push(u8::try_from(width).unwrap_or(u8::MAX));
            hybrid(&chunk.numbers, width, &mut page);
        } else if self.kind == Kind::Flag {
            packed(&chunk.flags, 1, &mut page);
        } else {
            page.extend_from_slice(&chunk.values);
        }
        let data = before + length(bytes);
        let encoding = if has_dictionary { RLE_DICTIONARY } else { PLAIN };
        let header = Struct::of(|header| {
            header.number(1, I32, rows);
            header.number(2, I32, encoding);
            header.number(3, I32, RLE);
            header.number(4, I32, RLE);
        });
        put_page(0, 5, header, &page, bytes);
        let size = before + length(bytes) - start;
        let meta = Struct::of(|meta| {
            meta.number(1, I32, self.kind.code());
            let encodings: &[i64] = if has_dictionary { &[PLAIN, RLE, RLE_DICTIONARY] } else { &[PLAIN, RLE] };
            meta.list(2, I32, &encodings.iter().map(|code| varint(zigzag(*code))).collect::<Vec<_>>());
            meta.list(3, BINARY, &[binary(&self.name)]);
            meta.number(4, I32, 0);
            meta.number(5, I64, rows);
            meta.number(6, I64, size);
            meta.number(7, I64, size);
            meta.number(9, I64, data);
            if let Some(dictionary) = dictionary {
                meta.number(11, I64, dictionary);
            }
            if let Some((least, most)) = chunk.times {
                let range = Struct::of(|range| {
                    range.number(3, I64, 0);
                    range.bytes(5, &most.to_le_bytes());
                    range.bytes(6, &least.to_le_bytes());
                });
                meta.nested(12, range);
            }
        });
        let chunk = Struct::of(|chunk| {
            chunk.number(2, I64, start);
            chunk.nested(3, meta);
        });
        chunk.end()
    }
}

fn length(bytes: &[u8]) -> i64 {
    length_of(bytes.len())
}

fn length_of(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// Writes a page of this type, whose own header is the field `id` of the page's.
fn put_page(kind: i64, id: u8, own: Struct, page: &[u8], to: &mut Vec<u8>) {
    let header = Struct::of(|header| {
        header.number(1, I32, kind);
        header.number(2, I32, length(page));
        header.number(3, I32, length(page));
        header.nested(id, own);
    });
    to.extend_from_slice(&header.end());
    to.extend_from_slice(page);
}

/// Numbers of `width` bits: runs of eight and more equal ones by their length, others packed in groups of eight.
fn hybrid(numbers: &[u32], width: u32, to: &mut Vec<u8>) {
    let run = |numbers: &[u32]| numbers.iter().take_while(|number| numbers.first() == Some(number)).count();
    let mut rest = numbers;
    while let Some(first) = rest.first() {
        let (count, header, part);
        if run(rest) >= 8 {
            count = run(rest);
            header = count << 1;
            part = first.to_le_bytes().into_iter().take(width.div_ceil(8) as usize).collect();
        } else {
            let is_mixed = |group: &&[u32]| run(group) < 8;
            let groups = (0..).map(|group| rest.get(group * 8..).unwrap_or_default());
            let groups = groups.take_while(|group| !group.is_empty() && is_mixed(group)).count();
            count = (groups * 8).min(rest.len());
            header = groups << 1 | 1;
            let mut bits = Vec::new();
            packed(rest.get(..count).unwrap_or_default(), width, &mut bits);
            bits.resize(groups * width as usize, 0);
            part = bits;
        }
        to.extend_from_slice(&varint(header as u64));
        to.extend_from_slice(&part);
        rest = rest.get(count..).unwrap_or_default();
    }
}

/// Numbers of `width` bits one after the other, the lowest bit first.
fn packed(numbers: &[u32], width: u32, to: &mut Vec<u8>) {
    let (mut bits, mut filled) = (0_u64, 0);
    for number in numbers {
        bits |= u64::from(*number) << filled;
        filled += width;
        while filled >= 8 {
            to.push((bits & 0xff) as u8);
            bits >>= 8;
            filled -= 8;
        }
    }
    if filled > 0 {
        to.push((bits & 0xff) as u8);
    }
}

// Thrift's compact protocol, in which headers and footer are.

const TRUE: u8 = 1;
const FALSE: u8 = 2;
const I32: u8 = 5;
const I64: u8 = 6;
const BINARY: u8 = 8;
const LIST: u8 = 9;
const STRUCT: u8 = 12;

fn zigzag(number: i64) -> u64 {
    (number.cast_unsigned() << 1) ^ (number >> 63).cast_unsigned()
}

fn varint(mut number: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    while number >= 0x80 {
        bytes.push((number & 0x7f) as u8 | 0x80);
        number >>= 7;
    }
    bytes.push((number & 0x7f) as u8);
    bytes
}

fn binary(text: &str) -> Vec<u8> {
    let mut bytes = varint(text.len() as u64);
    bytes.extend_from_slice(text.as_bytes());
    bytes
}

/// A struct, whose fields are added in the order of their ids.
#[derive(Default)]
struct Struct {
    bytes: Vec<u8>,
    last: u8,
}

impl Struct {
    fn of(fill: impl FnOnce(&mut Self)) -> Self {
        let mut new = Self::default();
        fill(&mut new);
        new
    }

    fn field(&mut self, id: u8, kind: u8) {
        self.bytes.push((id - self.last) << 4 | kind);
        self.last = id;
    }

    fn number(&mut self, id: u8, kind: u8, number: i64) {
        self.field(id, kind);
        self.bytes.extend_from_slice(&varint(zigzag(number)));
    }

    fn flag(&mut self, id: u8, flag: bool) {
        self.field(id, if flag { TRUE } else { FALSE });
    }

    fn text(&mut self, id: u8, text: &str) {
        self.bytes(id, text.as_bytes());
    }

    fn bytes(&mut self, id: u8, bytes: &[u8]) {
        self.field(id, BINARY);
        self.bytes.extend_from_slice(&varint(bytes.len() as u64));
        self.bytes.extend_from_slice(bytes);
    }

    fn nested(&mut self, id: u8, value: Self) {
        self.field(id, STRUCT);
        self.bytes.extend_from_slice(&value.end());
    }

    fn list(&mut self, id: u8, kind: u8, items: &[Vec<u8>]) {
        self.field(id, LIST);
        match u8::try_from(items.len()) {
            Ok(count @ 0..15) => self.bytes.push(count << 4 | kind),
            _ => {
                self.bytes.push(0xf0 | kind);
                self.bytes.extend_from_slice(&varint(items.len() as u64));
            }
        }
        self.bytes.extend(items.iter().flatten());
    }

    fn end(mut self) -> Vec<u8> {
        self.bytes.push(0);
        self.bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::collection::vec;
    use proptest::prelude::*;
    use sluice_values::hex;

    fn in_hybrid(numbers: &[u32], width: u32) -> Vec<u8> {
        let mut bytes = Vec::new();
        hybrid(numbers, width, &mut bytes);
        bytes
    }

    #[test]
    fn numbers_are_packed_as_the_specification_shows() {
        // 0 to 7 in three bits: the example of the format's Encodings.md.
        assert_eq!(in_hybrid(&[0, 1, 2, 3, 4, 5, 6, 7], 3), [0b11, 0b1000_1000, 0b1100_0110, 0b1111_1010]);
        assert_eq!(in_hybrid(&[1; 200], 1), [0x90, 0x03, 1]);
        assert_eq!(in_hybrid(&[300; 8], 9), [0x10, 0x2c, 0x01]);
        assert_eq!(in_hybrid(&[1, 0, 1], 1), [0b11, 0b101]);
        assert_eq!(in_hybrid(&[], 1), [0_u8; 0]);
    }

    #[test]
    fn thrift_is_written_as_its_specification_says() {
        assert_eq!((varint(zigzag(-1)), varint(zigzag(1)), varint(300)), (vec![1], vec![2], vec![0xac, 2]));
        assert_eq!(varint(zigzag(i64::MIN)), varint(u64::MAX));
        let mut many = Struct::default();
        many.list(3, I32, &vec![vec![2]; 15]);
        many.flag(4, true);
        many.flag(15, false);
        assert_eq!(hex(&many.end()), format!("39f50f{}11b200", "02".repeat(15)));
    }

    /// `DuckDB` 2.0 and `pyarrow` 26 read this file as the rows that are pushed here.
    #[test]
    fn a_file_that_others_read_is_written_again() {
        let mut writer = Writer::new([("at", Kind::Time), ("name", Kind::Text), ("is", Kind::Flag)]);
        writer.push([Some(Cell::Time(1)), Some(Cell::Text("é".to_owned())), Some(Cell::Flag(true))]);
        writer.push([Some(Cell::Time(-1)), None, None]);
        writer.push([Some(Cell::Time(2)), Some(Cell::Text("é".to_owned())), Some(Cell::Whole(1))]);
        let mut file = writer.group();
        writer.push([Some(Cell::Time(3)), Some(Cell::Text("z".to_owned())), Some(Cell::Flag(false))]);
        file.extend(writer.finish());
        assert_eq!(hex(&file), KNOWN);
    }

    const KNOWN: &str = "\
        504152311500153015302c150615001506150600000100000000000000ffffffffffffffff02000000000000001504150c150c4c15021500\
        000002000000c3a91500151215122c150615101506150600000200000003050103001500150e150e2c150615001506150600000200000003\
        01011500151015102c1502150015061506000003000000000000001500151615162c15021500150615060000020000000301010000007a15\
        00150e150e2c15021500150615060000020000000301001502194c48066578706f7274150600150425001802617425124c8c111c1c000000\
        0000150c250218046e616d6525004c1c0000001500250218026973001608192c193c26081c15041925000619180261741500160616521652\
        26083c3600280802000000000000001808ffffffffffffffff000000265a1c150c19350006101918046e616d6515001606165a165a268001\
        265a000026b4011c1500192500061918026973150016061630163026b401000016dc01160600193c26e4011c150419250006191802617415\
        0016021632163226e4013c360028080300000000000000180803000000000000000000002696021c150c192500061918046e616d65150016\
        0216381638269602000026ce021c1500192500061918026973150016021630163026ce020000169a011602002806736c75696365193c1c00\
        001c00001c0000004101000050415231";

    /// Reads what [`hybrid`] has written.
    fn read(mut bytes: &[u8], width: u32, count: usize) -> Vec<u32> {
        let (mut numbers, mask) = (Vec::new(), (1_u64 << width) - 1);
        while numbers.len() < count {
            let end = bytes.iter().position(|byte| byte & 0x80 == 0).unwrap() + 1;
            let header = bytes[..end].iter().rev().fold(0_usize, |sum, byte| sum << 7 | usize::from(byte & 0x7f));
            bytes = &bytes[end..];
            if header & 1 == 0 {
                let size = width.div_ceil(8) as usize;
                let number = bytes[..size].iter().rev().fold(0_u32, |sum, byte| sum << 8 | u32::from(*byte));
                numbers.extend(std::iter::repeat_n(number, header >> 1));
                bytes = &bytes[size..];
            } else {
                let size = (header >> 1) * width as usize;
                let bit = |at: usize| u64::from(bytes[at / 8] >> (at % 8) & 1);
                for number in 0..(header >> 1) * 8 {
                    let bits = (0..width as usize).map(|place| bit(number * width as usize + place) << place);
                    numbers.push(u32::try_from(bits.sum::<u64>() & mask).unwrap());
                }
                bytes = &bytes[size..];
            }
        }
        assert!(bytes.is_empty(), "nothing is left over");
        numbers.truncate(count);
        numbers
    }

    proptest! {
        #[test]
        fn packed_numbers_read_back_unchanged(width in 1_u32..=20, runs in vec((any::<u32>(), 1_usize..20), 0..30)) {
            let numbers: Vec<u32> = runs
                .into_iter()
                .flat_map(|(number, count)| std::iter::repeat_n(number & ((1 << width) - 1), count))
                .collect();
            prop_assert_eq!(read(&in_hybrid(&numbers, width), width, numbers.len()), numbers);
        }
    }
}
