//! A made-up brain of 24 regions in a cube of 96 units, and the same brain moved, stretched and bent, as that of
//! test/bench/brain-scene.ts is made: an affine map leaves labels overlapping by .88.

pub const SIDE: f64 = 96.0;
pub const LABELS: usize = 24;
pub const MIDDLE: f64 = (SIDE - 1.0) / 2.0;
const RADII: [f64; 3] = [42.0, 37.0, 34.0];
/// How far the warp moves (units), stretches and turns (parts of one), and bends (units, standard deviation).
const MOVE: f64 = 3.3;
const STRETCH: f64 = 0.087;
const BEND: f64 = 1.29;

type Vec3 = [f64; 3];

pub struct Random(pub u64);

impl Random {
    /// 0 to 1.
    pub fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 11) as f64 / (1u64 << 53) as f64
    }

    fn signed(&mut self) -> f64 {
        2.0 * self.next() - 1.0
    }

    pub fn normal(&mut self) -> f64 {
        (-2.0 * (1.0 - self.next()).ln()).sqrt() * (std::f64::consts::TAU * self.next()).cos()
    }
}

/// A sum of waves between `shortest` and twice that many units, with standard deviation 1.
struct Waves(Vec<[f64; 4]>);

impl Waves {
    fn new(random: &mut Random, shortest: f64, count: usize) -> Self {
        let mut wave = || {
            let (height, turn) = (random.signed(), std::f64::consts::TAU * random.next());
            let rate = std::f64::consts::TAU / (shortest * (1.0 + random.next()));
            let flat = rate * (1.0 - height * height).sqrt();
            [flat * turn.cos(), flat * turn.sin(), rate * height, std::f64::consts::TAU * random.next()]
        };
        Self((0..count).map(|_| wave()).collect())
    }

    fn at(&self, x: Vec3) -> f64 {
        let sum: f64 = self.0.iter().map(|w| (w[0] * x[0] + w[1] * x[1] + w[2] * x[2] + w[3]).sin()).sum();
        sum * (2.0 / self.0.len() as f64).sqrt()
    }
}

/// The brain, and the warp that says which place of it the moving volume shows.
pub struct Scene {
    surface: Waves,
    walls: [Waves; 3],
    texture: Waves,
    seeds: Vec<Vec3>,
    shift: Vec3,
    linear: [Vec3; 3],
    bends: [Waves; 3],
}

impl Scene {
    pub fn new(seed: u64) -> Self {
        let random = &mut Random(seed);
        let surface = Waves::new(random, 40.0, 6);
        let walls = std::array::from_fn(|_| Waves::new(random, 24.0, 6));
        let texture = Waves::new(random, 9.0, 8);
        let seeds = spread(random);
        let towards: Vec3 = std::array::from_fn(|_| random.signed());
        let length = towards.iter().map(|v| v * v).sum::<f64>().sqrt();
        let linear = std::array::from_fn(|_| std::array::from_fn(|_| STRETCH * random.signed()));
        let bends = std::array::from_fn(|_| Waves::new(random, 48.0, 8));
        Self { surface, walls, texture, seeds, shift: towards.map(|v| v * MOVE / length), linear, bends }
    }

    /// The same, but that all moves in the planes across z, and as much in each of them.
    pub fn in_plane(mut self) -> Self {
        self.shift[2] = 0.0;
        self.linear[2] = [0.0; 3];
        self.linear.iter_mut().for_each(|row| row[2] = 0.0);
        self.bends.iter_mut().flat_map(|waves| &mut waves.0).for_each(|wave| wave[2] = 0.0);
        self.bends[2] = Waves(vec![[0.0; 4]]);
        self
    }

    /// Label (0 outside) and level at a place of the brain.
    pub fn brain(&self, at: Vec3) -> (u8, f64) {
        let out = (0..3).map(|k| ((at[k] - MIDDLE) / RADII[k]).powi(2)).sum::<f64>().sqrt();
        if out > 1.0 + 0.05 * self.surface.at(at) {
            return (0, 12.0);
        }
        let x: Vec3 = std::array::from_fn(|k| at[k] + 1.5 * self.walls[k].at(at));
        let far = |i: usize| (0..3).map(|k| (x[k] - self.seeds[i][k]).powi(2)).sum::<f64>();
        let region = (0..LABELS).min_by(|a, b| far(*a).total_cmp(&far(*b))).unwrap_or(0);
        let level = 70.0 + 150.0 * (((region + 1) as f64) * 0.618_034).fract();
        (region as u8 + 1, level + 8.0 * self.texture.at(at))
    }

    /// The place of the brain that a place of the moving volume shows.
    pub fn warped(&self, at: Vec3) -> Vec3 {
        let from = at.map(|v| v - MIDDLE);
        let turned = |k: usize| (0..3).map(|j| self.linear[k][j] * from[j]).sum::<f64>();
        std::array::from_fn(|k| at[k] + self.shift[k] + turned(k) + BEND * self.bends[k].at(at))
    }

    /// The place of the moving volume that shows what the fixed one shows at a place.
    pub fn truth(&self, at: Vec3) -> Vec3 {
        (0..40).fold(at, |x, _| {
            let there = self.warped(x);
            std::array::from_fn(|k| x[k] + at[k] - there[k])
        })
    }

    /// The affine part of the warp, undone: places of the moving volume for those of the fixed one, 3 x 4 rows first.
    pub fn moving_from_fixed(&self) -> [f64; 12] {
        let m: [Vec3; 3] =
            std::array::from_fn(|i| std::array::from_fn(|j| self.linear[i][j] + if i == j { 1.0 } else { 0.0 }));
        let minor = |i: usize, j: usize| {
            let (a, b, c, d) = ((i + 1) % 3, (i + 2) % 3, (j + 1) % 3, (j + 2) % 3);
            m[a][c] * m[b][d] - m[a][d] * m[b][c]
        };
        let det: f64 = (0..3).map(|j| m[0][j] * minor(0, j)).sum();
        let inverse = |i: usize, j: usize| minor(j, i) / det;
        std::array::from_fn(|n| match (n / 4, n % 4) {
            (i, 3) => MIDDLE - (0..3).map(|j| inverse(i, j) * (MIDDLE + self.shift[j])).sum::<f64>(),
            (i, j) => inverse(i, j),
        })
    }
}

/// Middles of the regions: of some random places in the body, each as far as can be from those chosen before.
fn spread(random: &mut Random) -> Vec<Vec3> {
    let mut inside = || loop {
        let p: Vec3 = std::array::from_fn(|_| random.signed());
        if p.iter().map(|v| v * v).sum::<f64>() < 0.81 {
            return std::array::from_fn(|k| MIDDLE + p[k] * RADII[k]);
        }
    };
    let mut chosen: Vec<Vec3> = vec![inside()];
    while chosen.len() < LABELS {
        let distance = |p: &Vec3| {
            let to = |q: &Vec3| (0..3).map(|k| (p[k] - q[k]).powi(2)).sum::<f64>();
            chosen.iter().map(to).fold(f64::INFINITY, f64::min)
        };
        let others: Vec<Vec3> = (0..12).map(|_| inside()).collect();
        let best = others.into_iter().max_by(|a, b| distance(a).total_cmp(&distance(b)));
        chosen.extend(best);
    }
    chosen
}

/// Voxels of a brain: `size` of them span the cube, in µm that are its units.
pub struct Shot {
    pub size: [usize; 3],
    pub spacing: Vec3,
    pub levels: Vec<f32>,
    pub labels: Vec<u8>,
}

pub fn shot(scene: &Scene, size: [usize; 3], place: &dyn Fn(Vec3) -> Vec3, tone: &dyn Fn(f64) -> f64) -> Shot {
    let spacing: Vec3 = size.map(|n| SIDE / n as f64);
    let [w, h, d] = size;
    // Voxel 0 of any size has its centre at the origin; thick ones show their middles.
    let at = |i: usize| {
        place([(i % w) as f64 * spacing[0], (i / w % h) as f64 * spacing[1], (i / (w * h)) as f64 * spacing[2]])
    };
    let (mut levels, mut labels) = (vec![], vec![]);
    for i in 0..w * h * d {
        let (label, level) = scene.brain(at(i));
        labels.push(label);
        levels.push(level as f32);
    }
    for step in [1, w, w * h] {
        let from = levels.clone();
        let n = match step {
            1 => w,
            s if s == w => h,
            _ => d,
        };
        for i in 0..levels.len() {
            let place = i / step % n;
            let before = if place > 0 { from[i - step] } else { from[i] };
            let after = if place + 1 < n { from[i + step] } else { from[i] };
            levels[i] = (before + 2.0 * from[i] + after) / 4.0;
        }
    }
    let random = &mut Random(levels.len() as u64 + tone(50.0) as u64);
    let levels = levels.into_iter().map(|l| (tone(f64::from(l)) + 6.0 * random.normal()) as f32).collect();
    Shot { size, spacing, levels, labels }
}

/// Dark becomes bright, and not along a line.
pub fn inverted(level: f64) -> f64 {
    let t = 1.0 - level / 255.0;
    255.0 * (0.3 * t + 0.7 * t * t * t)
}

/// Mean Dice of all labels, the moving ones looked up (nearest voxel) through the affine map at `by` (µm) of each voxel.
/// Voxels that `left_out` says are not counted.
pub fn dice(fixed: &Shot, moving: &Shot, map: &[f64; 12], by: &[[f32; 3]], left_out: &dyn Fn(usize) -> bool) -> f64 {
    let mut counts = vec![[0usize; 3]; LABELS + 1];
    let [w, h, _] = fixed.size;
    for i in (0..fixed.labels.len()).filter(|i| !left_out(*i)) {
        let index = [i % w, i / w % h, i / (w * h)];
        let at: Vec3 = std::array::from_fn(|k| index[k] as f64 * fixed.spacing[k] + f64::from(by[i][k]));
        let place: Vec3 = std::array::from_fn(|k| {
            let there = (0..3).map(|j| map[4 * k + j] * at[j]).sum::<f64>() + map[4 * k + 3];
            (there / moving.spacing[k]).round()
        });
        let inside = (0..3).all(|k| place[k] >= 0.0 && place[k] < moving.size[k] as f64);
        let [x, y, z] = place.map(|v| v as usize);
        let there = if inside { moving.labels[(z * moving.size[1] + y) * moving.size[0] + x] } else { 0 };
        let here = usize::from(fixed.labels[i]);
        counts[here][0] += 1;
        counts[usize::from(there)][1] += 1;
        counts[here][2] += usize::from(here == usize::from(there));
    }
    counts[1..].iter().map(|[a, b, both]| 2.0 * *both as f64 / (a + b).max(1) as f64).sum::<f64>() / LABELS as f64
}

/// Mean distance (units) of where voxels of the brain are found from where they are.
pub fn missed(scene: &Scene, fixed: &Shot, map: &[f64; 12], by: &[[f32; 3]]) -> f64 {
    let [w, h, _] = fixed.size;
    let miss = |i: usize| {
        let index = [i % w, i / w % h, i / (w * h)];
        let at: Vec3 = std::array::from_fn(|k| index[k] as f64 * fixed.spacing[k]);
        let (truth, from): (Vec3, Vec3) = (scene.truth(at), std::array::from_fn(|k| at[k] + f64::from(by[i][k])));
        let found = |k: usize| (0..3).map(|j| map[4 * k + j] * from[j]).sum::<f64>() + map[4 * k + 3];
        (0..3).map(|k| (found(k) - truth[k]).powi(2)).sum::<f64>().sqrt()
    };
    let brain: Vec<usize> = (0..by.len()).filter(|i| fixed.labels[*i] > 0).collect();
    brain.iter().map(|i| miss(*i)).sum::<f64>() / brain.len() as f64
}
