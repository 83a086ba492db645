//! `Content-Encoding` of requests (RFC 9110, 8.4): `gzip` is decoded, everything else is refused. Pure.

use std::io::Write;

use flate2::write::MultiGzDecoder;
use futures_util::StreamExt;
use futures_util::stream;

use super::error::Error;
use crate::platform::PlatformError;
use crate::platform::incoming::BodyStream;

/// How many encoded bytes are decoded at once. Deflate shrinks a thousandfold at most, so that the decoded part stays
/// below 4 MiB.
const SLICE: usize = 4 * 1024;

/// The encoding of a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// As it is.
    Identity,
    Gzip,
}

impl Encoding {
    /// From the value of `Content-Encoding`.
    pub fn of(header: Option<&str>) -> Result<Self, Error> {
        match header.unwrap_or_default().trim().to_ascii_lowercase().as_str() {
            "" | "identity" => Ok(Self::Identity),
            "gzip" | "x-gzip" => Ok(Self::Gzip),
            _ => Err(Error::unsupported_encoding()),
        }
    }
}

/// Decodes a body of at most `limit` bytes; the limit is of what comes out.
pub fn decode(body: &[u8], limit: usize) -> Result<Vec<u8>, Error> {
    if body.is_empty() {
        return Ok(Vec::new());
    }
    let mut decoder = MultiGzDecoder::new(Vec::new());
    for slice in body.chunks(SLICE) {
        decoder.write_all(slice).map_err(|_| broken())?;
        if decoder.get_ref().len() > limit {
            return Err(Error::too_large(limit));
        }
    }
    let decoded = decoder.finish().map_err(|_| broken())?;
    if decoded.len() > limit { Err(Error::too_large(limit)) } else { Ok(decoded) }
}

fn broken() -> Error {
    PlatformError::undecodable().into()
}

/// Decodes a body of any length, part by part. What cannot be decoded ends the stream with an error.
pub fn decoded(encoded: BodyStream) -> BodyStream {
    let slices = encoded.flat_map(|part| {
        let slices: Vec<_> = match part {
            Ok(part) => part.chunks(SLICE).map(|slice| Ok(slice.to_vec())).collect(),
            Err(error) => vec![Err(error)],
        };
        stream::iter(slices)
    });
    let state = Some((MultiGzDecoder::new(Vec::new()), slices.boxed_local()));
    Box::pin(stream::unfold(state, |state| async {
        let (mut decoder, mut slices) = state?;
        loop {
            match slices.next().await {
                Some(Ok(slice)) => {
                    if decoder.write_all(&slice).is_err() {
                        return Some((Err(PlatformError::undecodable()), None));
                    }
                    let part = std::mem::take(decoder.get_mut());
                    if !part.is_empty() {
                        return Some((Ok(part), Some((decoder, slices))));
                    }
                }
                Some(Err(error)) => return Some((Err(error), None)),
                None => {
                    let rest = decoder.finish().map_err(|_| PlatformError::undecodable());
                    return match rest {
                        Ok(rest) if rest.is_empty() => None,
                        rest => Some((rest, None)),
                    };
                }
            }
        }
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::Compression;
    use flate2::write::GzEncoder;
    use futures_util::TryStreamExt;
    use proptest::prelude::*;

    fn block_on<T>(future: impl Future<Output = T>) -> T {
        tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
    }

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn streamed(parts: Vec<Vec<u8>>) -> Result<Vec<u8>, PlatformError> {
        let parts = decoded(Box::pin(stream::iter(parts.into_iter().map(Ok))));
        block_on(parts.try_concat())
    }

    fn status<T>(result: Result<T, Error>) -> u16 {
        match result {
            Ok(_) => 200,
            Err(Error::Refused { status, .. }) => status,
            Err(other) => panic!("{other:?}"),
        }
    }

    #[test]
    fn only_gzip_is_decoded_and_what_is_unknown_is_refused() {
        assert_eq!(Encoding::of(None).unwrap(), Encoding::Identity);
        for (name, expected) in [("", Encoding::Identity), ("identity", Encoding::Identity), (" GZip ", Encoding::Gzip)]
        {
            assert_eq!(Encoding::of(Some(name)).unwrap(), expected, "{name}");
        }
        for other in ["br", "deflate", "zstd", "compress", "gzip, gzip", "identity, gzip", "utf-8", "aws-chunked"] {
            assert_eq!(status(Encoding::of(Some(other))), 415, "{other}");
        }
    }

    #[test]
    fn the_limit_is_of_what_comes_out() {
        let bomb = gzip(&vec![b' '; 20_000_000]);
        assert!(bomb.len() < 65_536);
        assert_eq!(status(decode(&bomb, 65_536)), 413);
        assert_eq!(status(decode(&gzip(&[b' '; 101]), 100)), 413);
        assert_eq!(decode(&gzip(&[b' '; 100]), 100).unwrap(), [b' '; 100]);
        assert_eq!(decode(b"", 100).unwrap(), b"");
    }

    #[test]
    fn broken_gzip_is_the_callers_fault() {
        let whole = gzip(b"{\"name\":\"x\"}");
        let mut altered = whole.clone();
        let last = altered.len() - 5;
        altered[last] ^= 1;
        for wrong in [b"{}".to_vec(), whole[..whole.len() - 1].to_vec(), whole[..5].to_vec(), altered] {
            assert_eq!(status(decode(&wrong, 1_000)), 400, "{wrong:?}");
            assert!(streamed(vec![wrong]).unwrap_err().is_undecodable());
        }
    }

    #[test]
    fn a_long_upload_is_decoded_in_short_parts() {
        let encoded = gzip(&vec![b'x'; 30_000_000]);
        let parts: Vec<_> = block_on(decoded(Box::pin(stream::iter([Ok(encoded)]))).collect());
        assert!(parts.iter().all(|part| part.as_ref().is_ok_and(|part| part.len() <= SLICE * 1_100)));
        assert_eq!(parts.into_iter().map(|part| part.unwrap().len()).sum::<usize>(), 30_000_000);
    }

    proptest! {
        #[test]
        fn what_was_encoded_comes_out_whole(bytes: Vec<u8>, more: Vec<u8>, size in 1_usize..40) {
            let whole = [bytes.clone(), more.clone()].concat();
            prop_assert_eq!(decode(&gzip(&whole), whole.len()).unwrap(), whole.clone());
            // Several members in a row are one body (RFC 1952, 2.2).
            let members = [gzip(&bytes), gzip(&more)].concat();
            prop_assert_eq!(decode(&members, whole.len()).unwrap(), whole.clone());
            let parts = members.chunks(size).map(<[u8]>::to_vec).collect();
            prop_assert_eq!(streamed(parts).unwrap(), whole);
        }

        #[test]
        fn no_bytes_panic(bytes: Vec<u8>) {
            let _ = (decode(&bytes, 1_000), streamed(vec![bytes]));
        }
    }
}
