//! Work that several threads share, with the same answer however many they are.

use kernels::cancel::Cancel;
use kernels::error::{KernelError, Result};
use std::thread;

/// How many threads work, and what stops them.
#[derive(Debug, Clone, Copy)]
pub struct Crew<'a> {
    pub threads: usize,
    pub cancel: Cancel<'a>,
}

impl Crew<'_> {
    /// Does each item once; answers come in the items' order, so that sums over them do not depend on the threads.
    pub fn each<I: Send, R: Send>(self, items: Vec<I>, work: impl Fn(I) -> R + Sync) -> Result<Vec<R>> {
        let share = items.len().div_ceil(self.threads.max(1)).max(1);
        let one = |part: Vec<I>| -> Result<Vec<R>> {
            let polled = |item| self.cancel.poll().map(|()| work(item));
            part.into_iter().map(polled).collect()
        };
        let mut parts = shares(items, share);
        let last = parts.pop().unwrap_or_default();
        thread::scope(|scope| {
            let others: Vec<_> = parts.into_iter().map(|part| scope.spawn(|| one(part))).collect();
            let own = one(last);
            let mut all = vec![];
            for other in others {
                all.extend(other.join().map_err(|_| KernelError::internal("a thread of a kernel"))??);
            }
            all.extend(own?);
            Ok(all)
        })
    }
}

fn shares<I>(items: Vec<I>, share: usize) -> Vec<Vec<I>> {
    let mut items = items.into_iter().peekable();
    let mut parts = vec![];
    while items.peek().is_some() {
        parts.push(items.by_ref().take(share).collect());
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernels::cancel::never;
    use kernels::error::Tag;
    use std::sync::atomic::AtomicI32;

    #[test]
    fn answers_keep_the_order_of_the_items_whatever_the_threads() {
        for threads in 1..6 {
            let crew = Crew { threads, cancel: never() };
            let squares = crew.each((0..17).collect(), |i: usize| i * i).unwrap();
            assert_eq!(squares, (0..17).map(|i| i * i).collect::<Vec<_>>());
            assert_eq!(crew.each(Vec::<usize>::new(), |i| i).unwrap(), Vec::<usize>::new());
        }
    }

    #[test]
    fn every_thread_stops_when_asked_to() {
        let (flag, beat) = (AtomicI32::new(1), AtomicI32::new(0));
        let crew = Crew { threads: 2, cancel: Cancel::new(&flag, &beat) };
        assert_eq!(crew.each(vec![0; 9], |i: usize| i).unwrap_err().tag, Tag::Cancelled);
    }
}
