use super::*;
use crate::cancel::never;
use crate::image::{Dtype, Samples};
use crate::test_files::{Folder, write_png};
use std::thread;

fn tile(folder: &Folder, name: &str, level: u8) -> PathBuf {
    let path = folder.path(name);
    write_png(&path, &GreyImage { width: 10, height: 10, samples: Samples::U8(vec![level; 100]) });
    path
}

#[test]
fn a_tile_is_decoded_once_and_again_when_it_changes() {
    let folder = Folder::new("cache-once");
    let cache = TileCache::new(1000);
    let path = tile(&folder, "a.png", 1);
    let first = cache.get(&path, Budget::default(), never()).unwrap();
    assert!(Arc::ptr_eq(&first, &cache.get(&path, Budget::default(), never()).unwrap()));
    write_png(&path, &GreyImage::zeros(11, 10, Dtype::Uint8));
    let other = cache.get(&path, Budget::default(), never()).unwrap();
    assert_eq!((other.width, first.width), (11, 10));
}

#[test]
fn the_least_recently_used_go_first() {
    let folder = Folder::new("cache-lru");
    let cache = TileCache::new(250);
    let paths = [1, 2, 3].map(|i| tile(&folder, &format!("{i}.png"), i));
    let get = |i: usize| cache.get(&paths[i], Budget::default(), never()).unwrap();
    let (first, _) = (get(0), get(1));
    let _ = get(0);
    let _ = get(2);
    assert_eq!(cache.held_bytes(), 200);
    assert!(Arc::ptr_eq(&first, &get(0)));
}

#[test]
fn threads_share_one_decoding_and_errors_are_not_kept() {
    let folder = Folder::new("cache-threads");
    let cache = TileCache::new(1 << 20);
    let path = tile(&folder, "a.png", 5);
    let tiles: Vec<CachedTile> = thread::scope(|scope| {
        let ask = || cache.get(&path, Budget::default(), never()).unwrap();
        let threads: Vec<_> = (0..4).map(|_| scope.spawn(ask)).collect();
        threads.into_iter().map(|t| t.join().unwrap()).collect()
    });
    assert!(tiles.iter().all(|t| Arc::ptr_eq(t, &tiles[0])));
    let bad = folder.path("bad.png");
    std::fs::write(&bad, b"nothing").unwrap();
    assert!(cache.get(&bad, Budget::default(), never()).is_err());
    assert!(cache.get(&bad, Budget::default(), never()).is_err());
}

#[test]
fn a_reduced_tile_is_kept_beside_the_whole_one() {
    let folder = Folder::new("cache-reduced");
    let cache = TileCache::new(1000);
    let path = tile(&folder, "a.png", 7);
    let small = cache.get_reduced(&path, 2, Budget::default(), never()).unwrap();
    assert_eq!((small.width, small.height, cache.held_bytes()), (3, 3, 109));
    assert!(Arc::ptr_eq(&small, &cache.get_reduced(&path, 2, Budget::default(), never()).unwrap()));
    assert_eq!(cache.get(&path, Budget::default(), never()).unwrap().width, 10);
}
