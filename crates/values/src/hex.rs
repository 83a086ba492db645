//! Bytes in hexadecimal.

/// Lower-case digits. Formatting each byte by itself (`{:02x}`) was half of what writing a list of resources took.
pub fn hex(bytes: &[u8]) -> String {
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits.filter_map(|digit| char::from_digit(digit.into(), 16)).collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_byte_has_its_two_digits() {
        for byte in 0..=u8::MAX {
            assert_eq!(super::hex(&[byte, !byte]), format!("{byte:02x}{:02x}", !byte));
        }
        assert_eq!(super::hex(&[]), "");
    }
}
