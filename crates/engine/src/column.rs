//! A column of a segment as bytes: numbers of one width, less the smallest of them.
//!
//! The bytes are the format's version (1), the width of a number (0, 1, 2, 4 or 8 bytes), the smallest number (8 bytes), and the
//! differences to it; all little-endian. Of Arrow's formats, IPC is of this kind too, but its crates add 385 kB to the
//! compressed Worker, and take more than four times as long to read a segment (docs/site-object.md).

use crate::error::Error;

const VERSION: u8 = 1;
const HEADER: usize = 10;

/// The smallest number, the width of the differences to it, and these.
fn packed(values: &[i64]) -> (i64, u8, impl Iterator<Item = u8>) {
    let (least, most) = (values.iter().min().copied().unwrap_or(0), values.iter().max().copied().unwrap_or(0));
    // The numbers have at most 53 bits.
    let width: u8 = match most.abs_diff(least) {
        0 => 0,
        0x1..=0xff => 1,
        0x100..=0xffff => 2,
        0x1_0000..=0xffff_ffff => 4,
        _ => 8,
    };
    let differences = values.iter().map(move |value| value.abs_diff(least).to_le_bytes());
    (least, width, differences.flat_map(move |bytes| bytes.into_iter().take(usize::from(width))))
}

/// Writes numbers.
pub(crate) fn encode(values: &[i64]) -> Vec<u8> {
    let (least, width, data) = packed(values);
    let mut bytes = vec![VERSION, width];
    bytes.extend(least.to_le_bytes());
    bytes.extend(data);
    bytes
}

/// A column that is read in place.
pub(crate) struct Column {
    least: i64,
    width: u8,
    bytes: Vec<u8>,
    len: usize,
}

impl Column {
    /// A column of `len` numbers.
    pub fn parse(bytes: Vec<u8>, len: usize) -> Result<Self, Error> {
        let malformed = || Error::new("a column of another format");
        let (header, data) = bytes.split_at_checked(HEADER).ok_or_else(malformed)?;
        let [VERSION, width, least @ ..] = header else { return Err(malformed()) };
        let width = *width;
        let least = i64::from_le_bytes(least.try_into().map_err(|_| malformed())?);
        if !matches!(width, 0 | 1 | 2 | 4 | 8) || data.len() != len * usize::from(width) {
            return Err(malformed());
        }
        Ok(Self { least, width, bytes, len })
    }

    pub fn of(values: &[i64]) -> Self {
        let (least, width, data) = packed(values);
        let mut bytes = vec![0; HEADER];
        bytes.extend(data);
        Self { least, width, bytes, len: values.len() }
    }

    fn data(&self) -> &[u8] {
        self.bytes.get(HEADER..).unwrap_or_default()
    }

    /// The number at a position.
    #[inline]
    pub fn get(&self, at: usize) -> i64 {
        match self.width {
            1 => number::<1>(self.data(), at, self.least, |bytes| u8::from_le_bytes(bytes).into()),
            2 => number::<2>(self.data(), at, self.least, |bytes| u16::from_le_bytes(bytes).into()),
            4 => number::<4>(self.data(), at, self.least, |bytes| u32::from_le_bytes(bytes).into()),
            8 => number::<8>(self.data(), at, self.least, i64::from_le_bytes),
            _ => self.least,
        }
    }

    /// Calls `each` with every number and its position.
    pub fn each(&self, mut each: impl FnMut(usize, i64)) {
        match self.width {
            1 => numbers::<1>(self.data(), self.least, |bytes| u8::from_le_bytes(bytes).into(), each),
            2 => numbers::<2>(self.data(), self.least, |bytes| u16::from_le_bytes(bytes).into(), each),
            4 => numbers::<4>(self.data(), self.least, |bytes| u32::from_le_bytes(bytes).into(), each),
            8 => numbers::<8>(self.data(), self.least, i64::from_le_bytes, each),
            _ => (0..self.len).for_each(|at| each(at, self.least)),
        }
    }

    /// The numbers with these ones in their places.
    pub fn with(&self, changed: &[(usize, i64)]) -> Self {
        let mut values = Vec::with_capacity(self.len);
        self.each(|_, value| values.push(value));
        for (at, value) in changed {
            if let Some(to) = values.get_mut(*at) {
                *to = *value;
            }
        }
        Self::of(&values)
    }
}

fn number<const WIDTH: usize>(data: &[u8], at: usize, least: i64, read: impl Fn([u8; WIDTH]) -> i64) -> i64 {
    let bytes = data.as_chunks::<WIDTH>().0.get(at);
    bytes.map_or(least, |bytes| least.wrapping_add(read(*bytes)))
}

fn numbers<const WIDTH: usize>(
    data: &[u8],
    least: i64,
    read: impl Fn([u8; WIDTH]) -> i64,
    mut each: impl FnMut(usize, i64),
) {
    for (at, bytes) in data.as_chunks::<WIDTH>().0.iter().enumerate() {
        each(at, least.wrapping_add(read(*bytes)));
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn all(column: &Column) -> Vec<i64> {
        let mut values = Vec::new();
        column.each(|_, value| values.push(value));
        values
    }

    proptest! {
        #[test]
        fn numbers_of_any_width_read_back_unchanged(
            base in -(1_i64 << 52)..1 << 52, width in 0..53_u32, parts in prop::collection::vec(any::<u64>(), 0..50),
        ) {
            let difference = |part: u64| i64::try_from(part & ((1 << width) - 1)).unwrap();
            let values: Vec<i64> = parts.into_iter().map(|part| base + difference(part)).collect();
            let column = Column::parse(encode(&values), values.len()).unwrap();
            prop_assert_eq!(all(&column), &values[..]);
            prop_assert_eq!((0..values.len()).map(|at| column.get(at)).collect::<Vec<_>>(), &values[..]);
            let changed = column.with(&[(0, 7), (values.len(), 8)]);
            prop_assert_eq!(all(&changed), [7].into_iter().take(values.len()).chain(values.into_iter().skip(1)).collect::<Vec<_>>());
        }

        #[test]
        fn bytes_that_are_no_column_are_refused(bytes in prop::collection::vec(any::<u8>(), 0..40), count in 0..40_usize) {
            if let Ok(column) = Column::parse(bytes, count) {
                prop_assert_eq!(all(&column).len(), count);
            }
        }
    }

    /// Stored columns are read by later versions.
    #[test]
    fn the_bytes_of_a_column_stay() {
        let stored = [1, 2, 0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0, 2, 1, 2, 0];
        assert_eq!(encode(&[-2, 256, 0]), stored);
        assert_eq!(all(&Column::parse(stored.to_vec(), 3).unwrap()), [-2, 256, 0]);
    }
}
