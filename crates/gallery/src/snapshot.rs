//! An index on disk, so that a start reads one file and the end of the change log instead of the whole log.
//!
//! Layout, little-endian:
//!
//! | bytes | what |
//! |---|---|
//! | 8 | `SELFSAME` |
//! | 4 | format: 1 |
//! | 4 | length of the model version |
//! | 4 | values per template |
//! | 8 | number of faces *n* |
//! | 8 | the change log was taken in through here |
//! | … | model version, UTF-8 |
//! | 4 | CRC-32 of all above |
//! | 16·n | face ids |
//! | 4·values·n | templates, f32 |
//! | 4 | CRC-32 of the face ids and templates |
//!
//! The 8-bit codes are left out: they follow from the templates, are computed while reading in a fraction of the time
//! that reading takes, and a file that disagreed with itself could hide a face from every search. The checksums find
//! damage, not malice: who can write here can write the store as well.
//!
//! A snapshot holds the templates of faces erased after it was written, until it is written again or deleted; callers
//! that erase on request must do one of the two. It is readable by its owner only.

use std::io::{self, BufReader, BufWriter, Read, Write};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use fs_err as fs;
use selfsame_types::{FaceId, FaceModelVersion, Seq};
use uuid::Uuid;

use crate::ExactIndex;
use crate::index::State;
use crate::quantise::{MAX_DIMENSIONS, check_length};
use crate::rows::{Block, Rows};

const MAGIC: [u8; 8] = *b"SELFSAME";
const FORMAT: u32 = 1;
const FIXED_HEADER_BYTES: usize = 36;
const CHECKSUM_BYTES: u64 = 4;
const FACE_BYTES: usize = 16;
/// A version is a short name; more is damage.
const MAX_VERSION_BYTES: usize = 1024;
/// Big enough that a write or read call costs nothing beside its copy.
const BUFFER_BYTES: usize = 1 << 20;

/// Rows read at once: half a megabyte of 128 values each, which stays in the cache while it is summed up and coded.
const READ_ROWS: usize = 1024;

/// One snapshot at a time in this process: they share the name of the unfinished file.
static WRITING: Mutex<()> = Mutex::new(());

/// Why a snapshot could not be written or read. After a failed read, rebuild the index from the change log.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The file system said no. The message names the file.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// The file is not what was written.
    #[error("the index snapshot is damaged ({0}): delete it, the index is rebuilt from the change log")]
    Damaged(&'static str),
    /// The index itself cannot be trusted.
    #[error("the index cannot be saved")]
    Index(#[source] crate::Error),
}

/// Writes `index` to `path`, replacing what is there in one step: after a crash the file is the old one or the new one.
/// Searches and changes go on meanwhile. The directory must belong to one process.
pub fn write(path: &Path, index: &ExactIndex) -> Result<(), Error> {
    let (header, blocks) = {
        let state = index.read().map_err(Error::Index)?;
        let header = Header {
            version: index.version().clone(),
            dimensions: state.rows.as_ref().map_or(0, Rows::dimensions),
            count: state.rows.as_ref().map_or(0, Rows::len) as u64,
            complete_through: state.complete_through,
        };
        (header, state.rows.as_ref().map(Rows::blocks).unwrap_or_default())
    };
    let _one_at_a_time = WRITING.lock().unwrap_or_else(PoisonError::into_inner);
    let mut unfinished = path.as_os_str().to_owned();
    unfinished.push(".unfinished");
    let unfinished = Path::new(&unfinished);
    let result = write_file(unfinished, &header, &blocks).and_then(|()| fs::rename(unfinished, path));
    if let Err(error) = result {
        // The first error says what is wrong; what is left behind is overwritten by the next attempt.
        let _ = fs::remove_file(unfinished);
        return Err(error.into());
    }
    sync_directory(path)?;
    Ok(())
}

/// Reads what [`write()`] wrote. `None` where there is no snapshot for templates of `version` (no file, another model,
/// another format): the caller builds the index from the change log then, as after an error.
pub fn read(path: &Path, version: &FaceModelVersion) -> Result<Option<ExactIndex>, Error> {
    let file = match fs::File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    let length = file.metadata()?.len();
    let mut reader = BufReader::with_capacity(BUFFER_BYTES, file);
    let Some(header) = Header::read(&mut reader)? else {
        return Ok(None);
    };
    if header.expected_bytes() != Some(length) {
        return Err(Error::Damaged("it does not have the length its header asks for"));
    }
    if header.version != *version {
        return Ok(None);
    }
    let rows = read_rows(&header, Summed::new(reader))?;
    let rows = (header.dimensions > 0).then_some(rows);
    Ok(Some(ExactIndex::from_state(
        header.version,
        State::new(rows, header.complete_through),
    )))
}

struct Header {
    version: FaceModelVersion,
    /// 0 where no template was ever seen.
    dimensions: usize,
    count: u64,
    complete_through: Seq,
}

impl Header {
    /// With its checksum.
    fn to_bytes(&self) -> Vec<u8> {
        let version = self.version.as_str().as_bytes();
        let mut bytes = MAGIC.to_vec();
        bytes.extend(FORMAT.to_le_bytes());
        bytes.extend((version.len() as u32).to_le_bytes());
        bytes.extend((self.dimensions as u32).to_le_bytes());
        bytes.extend(self.count.to_le_bytes());
        bytes.extend(self.complete_through.0.to_le_bytes());
        bytes.extend(version);
        bytes.extend(crc32fast::hash(&bytes).to_le_bytes());
        bytes
    }

    /// `None` where it is a snapshot of another format.
    fn read(reader: &mut impl Read) -> Result<Option<Self>, Error> {
        let mut reader = Summed::new(reader);
        if reader.take::<8>()? != MAGIC {
            return Err(Error::Damaged("it does not begin as a snapshot"));
        }
        if u32::from_le_bytes(reader.take()?) != FORMAT {
            return Ok(None);
        }
        let version_bytes = u32::from_le_bytes(reader.take()?) as usize;
        let dimensions = u32::from_le_bytes(reader.take()?) as usize;
        let count = u64::from_le_bytes(reader.take()?);
        let complete_through = Seq(u64::from_le_bytes(reader.take()?));
        if version_bytes > MAX_VERSION_BYTES {
            return Err(Error::Damaged("the name of its model is too long"));
        }
        let mut version = vec![0; version_bytes];
        reader.fill(&mut version)?;
        reader.check("the checksum of its header does not match")?;
        if dimensions > MAX_DIMENSIONS || (dimensions == 0 && count > 0) {
            return Err(Error::Damaged("its templates have an impossible length"));
        }
        let Ok(version) = String::from_utf8(version) else {
            return Err(Error::Damaged("the name of its model is not text"));
        };
        Ok(Some(Self {
            version: version.into(),
            dimensions,
            count,
            complete_through,
        }))
    }

    /// Of the whole file; `None` where no file can be that long.
    fn expected_bytes(&self) -> Option<u64> {
        let header = (FIXED_HEADER_BYTES + self.version.as_str().len()) as u64 + CHECKSUM_BYTES;
        let row = (FACE_BYTES + 4 * self.dimensions) as u64;
        self.count.checked_mul(row)?.checked_add(header + CHECKSUM_BYTES)
    }
}

fn write_file(path: &Path, header: &Header, blocks: &[Arc<Block<FaceId>>]) -> io::Result<()> {
    let file = create_private(path)?;
    let mut writer = BufWriter::with_capacity(BUFFER_BYTES, file);
    writer.write_all(&header.to_bytes())?;
    let mut sum = crc32fast::Hasher::new();
    let mut buffer = Vec::new();
    for block in blocks {
        buffer.clear();
        block
            .keys()
            .iter()
            .for_each(|face| buffer.extend_from_slice(face.uuid().as_bytes()));
        sum.update(&buffer);
        writer.write_all(&buffer)?;
    }
    for block in blocks {
        buffer.clear();
        block
            .values()
            .iter()
            .for_each(|value| buffer.extend_from_slice(&value.to_le_bytes()));
        sum.update(&buffer);
        writer.write_all(&buffer)?;
    }
    writer.write_all(&sum.finalize().to_le_bytes())?;
    writer
        .into_inner()
        .map_err(io::IntoInnerError::into_error)?
        .sync_all()
}

fn read_rows(header: &Header, mut reader: Summed<impl Read>) -> Result<Rows<FaceId>, Error> {
    // The length of the file was checked, so this is no more than the file holds.
    let count = header.count as usize;
    let mut faces = Vec::with_capacity(count);
    for _ in 0..count {
        faces.push(FaceId::new(Uuid::from_bytes(reader.take()?)));
    }
    let mut rows = Rows::with_capacity(header.dimensions, count);
    let row_bytes = 4 * header.dimensions;
    let mut bytes = vec![0; READ_ROWS.min(count) * row_bytes];
    let mut values = vec![0.0f32; header.dimensions];
    for faces in faces.chunks(READ_ROWS) {
        let bytes = &mut bytes[..faces.len() * row_bytes];
        reader.fill(bytes)?;
        for (face, row) in faces.iter().zip(bytes.chunks_exact(row_bytes)) {
            for (value, bytes) in values.iter_mut().zip(row.as_chunks::<4>().0) {
                *value = f32::from_le_bytes(*bytes);
            }
            check_length(&values).map_err(|_| Error::Damaged("a template does not have length 1"))?;
            rows.insert(*face, &values);
        }
    }
    reader.check("the checksum of its templates does not match")?;
    if rows.len() != count {
        return Err(Error::Damaged("a face stands in it twice"));
    }
    Ok(rows)
}

/// Reads and sums up what was read.
struct Summed<R> {
    reader: R,
    sum: crc32fast::Hasher,
}

impl<R: Read> Summed<R> {
    fn new(reader: R) -> Self {
        Self {
            reader,
            sum: crc32fast::Hasher::new(),
        }
    }

    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), Error> {
        self.read_exact(bytes)?;
        self.sum.update(bytes);
        Ok(())
    }

    fn take<const N: usize>(&mut self) -> Result<[u8; N], Error> {
        let mut bytes = [0; N];
        self.fill(&mut bytes)?;
        Ok(bytes)
    }

    /// Reads a checksum and compares it with that of everything before.
    fn check(mut self, otherwise: &'static str) -> Result<(), Error> {
        let mut bytes = [0; 4];
        self.read_exact(&mut bytes)?;
        if u32::from_le_bytes(bytes) == self.sum.finalize() {
            Ok(())
        } else {
            Err(Error::Damaged(otherwise))
        }
    }

    fn read_exact(&mut self, bytes: &mut [u8]) -> Result<(), Error> {
        self.reader.read_exact(bytes).map_err(|error| match error.kind() {
            io::ErrorKind::UnexpectedEof => Error::Damaged("it ends too early"),
            _ => Error::Io(error),
        })
    }
}

/// Templates are biometric data: nobody but the owner reads them.
fn create_private(path: &Path) -> io::Result<fs::File> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    {
        use fs_err::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    options.open(path)
}

/// The new name must survive a power cut, too. Only Unix lets a directory be synchronised.
fn sync_directory(path: &Path) -> io::Result<()> {
    #[cfg(unix)]
    {
        let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
        fs::File::open(parent.unwrap_or(Path::new(".")))?.sync_all()?;
    }
    Ok(())
}
