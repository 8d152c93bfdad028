//! Decoded tiles that several kernels want: one cache for the whole process, shared by all worker threads.

use super::{Budget, decode_file};
use crate::cancel::Cancel;
use crate::error::{KernelError, Result};
use crate::image::GreyImage;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, SystemTime};

/// Bytes of decoded tiles that the process keeps.
const CAPACITY_BYTES: usize = 192 << 20;
/// A worker that waits for another's decoding looks this often whether it was cancelled.
const WAIT: Duration = Duration::from_millis(20);

/// A decoded tile, shared.
pub type CachedTile = Arc<GreyImage>;

/// A file as it was when it was decoded: another modification time or size is another picture.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Key {
    path: PathBuf,
    modified: Option<SystemTime>,
    bytes: u64,
    /// How often its sides were halved since.
    halvings: u32,
}

impl Key {
    fn of(path: &Path, halvings: u32) -> Result<Self> {
        let about = std::fs::metadata(path).map_err(|e| KernelError::reading(path, &e))?;
        Ok(Self { path: path.to_path_buf(), modified: about.modified().ok(), bytes: about.len(), halvings })
    }
}

enum Slot {
    /// Some thread is decoding it.
    Pending,
    Ready {
        image: CachedTile,
        used: u64,
    },
}

#[derive(Default)]
struct State {
    slots: HashMap<Key, Slot>,
    bytes: usize,
    clock: u64,
}

/// Least-recently-used by bytes; a tile wanted by two threads at once is decoded once.
pub struct TileCache {
    state: Mutex<State>,
    changed: Condvar,
    capacity: usize,
}

/// The cache of the process.
pub fn tile_cache() -> &'static TileCache {
    static CACHE: OnceLock<TileCache> = OnceLock::new();
    CACHE.get_or_init(|| TileCache::new(CAPACITY_BYTES))
}

impl TileCache {
    /// A cache that keeps at most `capacity` bytes of pixels.
    pub fn new(capacity: usize) -> Self {
        Self { state: Mutex::default(), changed: Condvar::new(), capacity }
    }

    /// The grey pixels of an image file, decoded now or before. Errors as [`decode_file`]; they are not kept.
    pub fn get(&self, path: &Path, budget: Budget, cancel: Cancel<'_>) -> Result<CachedTile> {
        self.get_or_make(Key::of(path, 0)?, cancel, || Ok(decode_file(path, budget, cancel)?.image))
    }

    /// [`Self::get`] with the image [reduced](GreyImage::reduced), kept beside it.
    pub fn get_reduced(&self, path: &Path, halvings: u32, budget: Budget, cancel: Cancel<'_>) -> Result<CachedTile> {
        if halvings == 0 {
            return self.get(path, budget, cancel);
        }
        let make = || Ok(self.get(path, budget, cancel)?.reduced(halvings));
        self.get_or_make(Key::of(path, halvings)?, cancel, make)
    }

    fn get_or_make(
        &self,
        key: Key,
        cancel: Cancel<'_>,
        make: impl FnOnce() -> Result<GreyImage>,
    ) -> Result<CachedTile> {
        if let Some(image) = self.claim(&key, cancel)? {
            return Ok(image);
        }
        let claim = Claim { cache: self, key: Some(key) };
        let image = Arc::new(make()?);
        claim.fill(&image);
        Ok(image)
    }

    /// Keeps a tile that was decoded elsewhere, where none is there yet.
    pub fn put(&self, path: &Path, image: GreyImage) {
        let Ok(key) = Key::of(path, 0) else { return };
        if !self.lock().slots.contains_key(&key) {
            self.settle(key, Some(Arc::new(image)));
        }
    }

    /// Bytes of pixels held.
    pub fn held_bytes(&self) -> usize {
        self.lock().bytes
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The tile where it is there, waiting for a thread that decodes it; otherwise None, and it is ours to decode.
    fn claim(&self, key: &Key, cancel: Cancel<'_>) -> Result<Option<CachedTile>> {
        let mut state = self.lock();
        loop {
            cancel.poll()?;
            state.clock += 1;
            let now = state.clock;
            match state.slots.get_mut(key) {
                Some(Slot::Ready { image, used }) => {
                    *used = now;
                    return Ok(Some(Arc::clone(image)));
                }
                None => {
                    state.slots.insert(key.clone(), Slot::Pending);
                    return Ok(None);
                }
                Some(Slot::Pending) => {
                    state = self.changed.wait_timeout(state, WAIT).unwrap_or_else(PoisonError::into_inner).0;
                }
            }
        }
    }

    fn settle(&self, key: Key, image: Option<CachedTile>) {
        let mut state = self.lock();
        if let Some(Slot::Ready { image, .. }) = state.slots.remove(&key) {
            state.bytes -= image.byte_len();
        }
        if let Some(image) = image
            && image.byte_len() <= self.capacity
        {
            state.bytes += image.byte_len();
            let used = state.clock;
            state.slots.insert(key, Slot::Ready { image, used });
            state.evict(self.capacity);
        }
        drop(state);
        self.changed.notify_all();
    }
}

impl State {
    fn evict(&mut self, capacity: usize) {
        while self.bytes > capacity {
            let ready = self.slots.iter().filter_map(|(k, s)| match s {
                Slot::Ready { used, image } => Some((*used, image.byte_len(), k)),
                Slot::Pending => None,
            });
            let Some((_, bytes, key)) = ready.min_by_key(|(used, _, _)| *used) else { return };
            let key = key.clone();
            self.slots.remove(&key);
            self.bytes -= bytes;
        }
    }
}

/// Our promise to decode a tile: dropped without a tile, the next thread that wants it tries itself.
struct Claim<'a> {
    cache: &'a TileCache,
    key: Option<Key>,
}

impl Claim<'_> {
    fn fill(mut self, image: &CachedTile) {
        if let Some(key) = self.key.take() {
            self.cache.settle(key, Some(Arc::clone(image)));
        }
    }
}

impl Drop for Claim<'_> {
    fn drop(&mut self) {
        if let Some(key) = self.key.take() {
            self.cache.settle(key, None);
        }
    }
}

#[cfg(test)]
#[path = "cache_tests.rs"]
mod tests;
