//! Reading from memory in small steps that poll for cancellation.

use crate::cancel::Cancel;
use std::io::{self, BufRead, Cursor, Read, Seek, SeekFrom};

/// Most bytes given at a time, so that a decoder that works through one long strip still polls.
const STEP_BYTES: usize = 1 << 16;

/// A cursor over a file's bytes that fails with an I/O error once the kernel is cancelled.
pub struct PollingCursor<'a> {
    inner: Cursor<&'a [u8]>,
    cancel: Cancel<'a>,
}

impl<'a> PollingCursor<'a> {
    pub fn new(bytes: &'a [u8], cancel: Cancel<'a>) -> Self {
        Self { inner: Cursor::new(bytes), cancel }
    }

    fn poll(&self) -> io::Result<()> {
        self.cancel.poll().map_err(|_| io::Error::other("cancelled"))
    }
}

impl Read for PollingCursor<'_> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        self.poll()?;
        let step = buf.len().min(STEP_BYTES);
        self.inner.read(&mut buf[..step])
    }
}

impl BufRead for PollingCursor<'_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.poll()?;
        let rest = self.inner.fill_buf()?;
        Ok(&rest[..rest.len().min(STEP_BYTES)])
    }

    fn consume(&mut self, amount: usize) {
        self.inner.consume(amount);
    }
}

impl Seek for PollingCursor<'_> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.inner.seek(to)
    }
}
