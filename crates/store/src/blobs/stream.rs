//! Blobs larger than memory: written and read piece by piece.

use std::io::{Read as _, Seek as _, SeekFrom};
use std::ops::Range;

use bytes::Bytes;
use futures_util::stream::{self, BoxStream, StreamExt as _, TryStreamExt as _};
use object_store::path::Path as Key;
use object_store::{
    GetOptions, GetRange, GetResultPayload, MultipartUpload, ObjectStore as _, ObjectStoreExt as _,
    PutPayload,
};
use uuid::Uuid;

use super::{Blobs, failed};
use crate::objects::{Digests, Source};
use crate::{Error, Result};

/// How much is gathered before it is written. Ours: large enough that the hop to a thread that may block does not
/// count, small enough for hundreds of uploads at a time.
const WRITE_BYTES: usize = 256 << 10;
/// How much is read at a time.
const READ_BYTES: u64 = 256 << 10;

/// The key of a segment's blob. Apart from pictures, so that their ids cannot collide.
pub(crate) fn segment_key(blob: Uuid) -> String {
    let name = blob.to_string();
    format!("objects/{}/{name}", &name[..2])
}

impl Blobs {
    /// Writes a blob as its bytes come: visible whole or not at all; after this returns, a power cut does not lose it.
    /// Gives its size and what the source says of it. After a failure, something may be left for [`Blobs::remove`].
    pub(crate) async fn write(&self, key: &str, source: &mut dyn Source) -> Result<(u64, Digests)> {
        let mut upload = self.store.put_multipart(&Key::from(key)).await.map_err(failed)?;
        let filled = match fill(upload.as_mut(), source).await {
            Ok(size_bytes) => source
                .finish()
                .map(|digests| (size_bytes, digests))
                .map_err(Error::Received),
            Err(error) => Err(error),
        };
        match filled {
            Ok(written) => {
                upload.complete().await.map_err(failed)?;
                Ok(written)
            }
            Err(error) => {
                // What it leaves is removed with the blob.
                let _ = upload.abort().await;
                Err(error)
            }
        }
    }

    /// Opens a blob to read a range of it; `None` where there is none.
    pub(crate) async fn open(
        &self,
        key: &str,
        range: Range<u64>,
    ) -> Result<Option<BoxStream<'static, Result<Bytes>>>> {
        if range.is_empty() {
            return Ok(Some(stream::empty().boxed()));
        }
        let options = GetOptions::default().with_range(Some(GetRange::Bounded(range.clone())));
        let found = match self.store.get_opts(&Key::from(key), options).await {
            Ok(found) => found,
            Err(object_store::Error::NotFound { .. }) => return Ok(None),
            Err(error) => return Err(failed(error)),
        };
        if found.range != range {
            return Err(Error::corrupt("a blob is shorter than it was"));
        }
        Ok(Some(match found.payload {
            GetResultPayload::File(file, _) => read_file(file, range).boxed(),
            GetResultPayload::Stream(bytes) => bytes.map_err(failed).boxed(),
        }))
    }
}

/// Writes all that comes; gives how much it was.
async fn fill(upload: &mut dyn MultipartUpload, source: &mut dyn Source) -> Result<u64> {
    let (mut gathered, mut gathered_bytes, mut size_bytes) = (Vec::new(), 0, 0);
    while let Some(piece) = source.next().await.map_err(Error::Received)? {
        size_bytes += piece.len() as u64;
        gathered_bytes += piece.len();
        gathered.push(piece);
        if gathered_bytes >= WRITE_BYTES {
            let payload: PutPayload = gathered.drain(..).collect();
            upload.put_part(payload).await.map_err(failed)?;
            gathered_bytes = 0;
        }
    }
    if gathered_bytes > 0 {
        let payload: PutPayload = gathered.into_iter().collect();
        upload.put_part(payload).await.map_err(failed)?;
    }
    Ok(size_bytes)
}

/// `object_store` would read 8 KiB at a time, with a hop to another thread for each.
fn read_file(
    file: std::fs::File,
    range: Range<u64>,
) -> impl futures_util::Stream<Item = Result<Bytes>> + Send + 'static {
    stream::try_unfold((file, range), |(mut file, range)| async move {
        if range.is_empty() {
            return Ok(None);
        }
        let read = tokio::task::spawn_blocking(move || {
            let wanted = (range.end - range.start).min(READ_BYTES);
            let mut bytes = Vec::with_capacity(wanted as usize);
            file.seek(SeekFrom::Start(range.start))?;
            (&mut file).take(wanted).read_to_end(&mut bytes)?;
            Ok::<_, std::io::Error>((file, bytes, range))
        });
        let (file, bytes, range) = read
            .await
            .map_err(|e| Error::Interrupted(e.into()))?
            .map_err(|e| Error::Blob(e.into()))?;
        if bytes.is_empty() {
            return Err(Error::corrupt("a blob is shorter than it was"));
        }
        let rest = range.start + bytes.len() as u64..range.end;
        Ok(Some((Bytes::from(bytes), (file, rest))))
    })
}
