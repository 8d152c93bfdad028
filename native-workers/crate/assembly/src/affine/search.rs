//! From two volumes to the map between them: all orientations at the coarsest level, the best on to the finest.

use super::climb::{Climb, climb};
use super::header::{Answer, Candidate, Model, Orientations, RegisterAffine};
use super::judge;
use super::level::{Level, Source};
use super::map::{Pose, determinant, scaled, times, transposed};
use super::metric::{Goal, Metric, Value};
use super::moments::Moments;
use super::orient::{AS_IS, Orientation};
use super::samples::Samples;
use kernels::cancel::Cancel;
use kernels::error::{KernelError, Result, Tag};

/// Finer levels than of this many voxels tell the twelve numbers no better.
const MOST_VOXELS: f64 = 4_194_304.0;
/// Orientations that go on to the second level.
const KEPT: usize = 5;
/// Samples of a level, the finest last.
const SAMPLES: [usize; 4] = [4096, 12_288, 32_768, 98_304];

/// Fewer say nothing of twelve numbers.
const LEAST_SAMPLES: usize = 256;

/// Both volumes at one resolution.
pub struct Pair {
    pub resolution: f64,
    pub fixed: Level,
    pub moving: Level,
}

/// A pose that was climbed to, and what it is worth.
#[derive(Debug, Clone, Copy)]
struct Found {
    pose: Pose,
    score: f64,
}

impl Found {
    fn orientation(&self) -> Orientation {
        Orientation::nearest(&self.pose.linear)
    }

    fn candidate(&self) -> Candidate {
        Candidate { axes: self.orientation().names(), score: self.score }
    }
}

/// See the task table.
pub fn register_affine(
    header: &RegisterAffine,
    inputs: &[&[u8]],
    cancel: Cancel<'_>,
) -> Result<(Answer, Vec<Vec<u8>>)> {
    let start = header.moving_from_fixed()?;
    let pairs = levels(header.sources(inputs, cancel)?, header.resolution_um, cancel)?;
    let coarsest = pairs.first().ok_or_else(|| KernelError::internal("a registration without levels"))?;
    let moments = [Moments::of(&coarsest.fixed), Moments::of(&coarsest.moving)];
    let mut search = Search { header, moments, evaluations: 0, cancel };
    let given = start.map(|map| search.allowed(Pose::about(moments[0].centre, &map)));
    let found = match given {
        Some(pose) => vec![Found { pose, score: 0.0 }],
        None => search.orientations(coarsest)?,
    };
    let first = given.unwrap_or_else(|| search.centred());
    search.refined(&pairs, found, &first)
}

/// From the coarsest, at which orientations are told apart, to the finest; halved from one to the next.
fn levels([fixed, moving]: [Source; 2], wanted: Option<f64>, cancel: Cancel<'_>) -> Result<Vec<Pair>> {
    let finest = |s: &Source| {
        if s.flat {
            let area: f64 = (0..2).map(|k| s.size[k] as f64 * s.spacing[k]).product();
            return s.spacing[0].min(s.spacing[1]).max((area / MOST_VOXELS).sqrt());
        }
        let volume: f64 = (0..3).map(|k| s.size[k] as f64 * s.spacing[k]).product();
        s.spacing.into_iter().fold(f64::INFINITY, f64::min).max((volume / MOST_VOXELS).cbrt())
    };
    let resolution = finest(&fixed).max(finest(&moving)).max(wanted.unwrap_or(0.0));
    let extent = |s: &Source| {
        let axes = if s.flat { 0..2 } else { 0..3 };
        axes.map(|k| s.size[k] as f64 * s.spacing[k]).fold(f64::INFINITY, f64::min)
    };
    let voxels = extent(&fixed).min(extent(&moving)) / resolution;
    let halvings = if voxels >= 64.0 { 3 } else { 2 };
    (0..=halvings)
        .rev()
        .map(|k| {
            let resolution = resolution * f64::from(1 << k);
            Ok(Pair { resolution, fixed: fixed.at(resolution, cancel)?, moving: moving.at(resolution, cancel)? })
        })
        .collect()
}

struct Search<'a> {
    header: &'a RegisterAffine,
    /// Of the fixed, of the moving volume.
    moments: [Moments; 2],
    evaluations: usize,
    cancel: Cancel<'a>,
}

impl Search<'_> {
    /// Axes as they are, one centre over the other.
    fn centred(&self) -> Pose {
        self.allowed(Pose { linear: AS_IS.matrix(), from: self.moments[0].centre, to: self.moments[1].centre })
    }

    /// Sections stay in their plane.
    fn allowed(&self, pose: Pose) -> Pose {
        if self.header.planar() { pose.in_plane() } else { pose }
    }

    fn climbing(&self, model: Model, resolution: f64, iterations: usize) -> Climb {
        let planar = self.header.planar();
        Climb {
            model,
            planar,
            iterations,
            first_um: resolution,
            most_um: 3.0 * resolution,
            least_um: 0.01 * resolution,
        }
    }

    fn samples(&self, pair: &Pair, count: usize) -> Result<Samples> {
        let samples = Samples::of(&pair.fixed, &self.moments[0], count, self.header.bins);
        if samples.at.len() < LEAST_SAMPLES {
            let message = format!("The mask leaves {} places of the fixed volume to compare.", samples.at.len());
            return Err(KernelError::new(Tag::BadSource, message, "Use a larger mask.").with("volume", "fixed"));
        }
        Ok(samples)
    }

    /// Each allowed orientation climbed at the coarsest level, the best of each first.
    fn orientations(&mut self, pair: &Pair) -> Result<Vec<Found>> {
        let samples = self.samples(pair, SAMPLES[0])?;
        let mut metric = Metric::new(&samples, &pair.moving, self.header.bins.min(32), Goal::Whole);
        let model = if self.header.model == Model::Rigid { Model::Rigid } else { Model::Similarity };
        let how = self.climbing(model, pair.resolution, 16);
        let mut found: Vec<Found> = vec![];
        for start in self.starts() {
            let (pose, value) = climb(&mut metric, samples.radius, start, &how, self.cancel)?;
            let one = Found { pose, score: value.score };
            let orientation = one.orientation();
            match found.iter_mut().find(|other| other.orientation() == orientation) {
                Some(other) if other.score >= one.score => {}
                Some(other) => *other = one,
                None => found.push(one),
            }
        }
        self.evaluations += metric.evaluations;
        if !found.iter().any(|one| self.is_wanted(one)) {
            found.push(Found { pose: self.centred(), score: 0.0 });
        }
        self.sort(&mut found);
        if self.header.orientations == Orientations::AsIs {
            found.truncate(2);
        }
        Ok(found)
    }

    /// Where axes are to lie as they are, others are only looked at to be told of.
    fn is_wanted(&self, found: &Found) -> bool {
        self.header.orientations != Orientations::AsIs || found.orientation() == AS_IS
    }

    /// The best first, of those that are wanted.
    fn sort(&self, found: &mut [Found]) {
        found.sort_by(|a, b| b.score.total_cmp(&a.score));
        found.sort_by_key(|one| !self.is_wanted(one));
    }

    /// Axes along axes, at the size that the moments say and (where that is far from it) as large as given; then the
    /// principal axes of both bodies along each other.
    fn starts(&self) -> Vec<Pose> {
        let [fixed, moving] = &self.moments;
        let ratio = (moving.radius() / fixed.radius()).clamp(0.25, 4.0);
        let ratio = if self.header.model == Model::Rigid || !ratio.is_finite() { 1.0 } else { ratio };
        let sizes = if ratio.ln().abs() > 0.2 { vec![ratio, 1.0] } else { vec![ratio] };
        let planar = self.header.planar();
        let along = |o: &&Orientation| !planar || o.in_plane();
        let turns = match self.header.orientations {
            Orientations::AsIs => Orientations::Axes24,
            asked => asked,
        };
        let all = Orientation::all(turns);
        let mut linear: Vec<_> = all.iter().filter(along).map(Orientation::matrix).collect();
        let (from, to) = (fixed.axes(), moving.axes());
        for signs in 0..8u8 {
            let sign = |k: usize| if signs >> k & 1 > 0 { -1.0 } else { 1.0 };
            let flipped = from.map(|row| std::array::from_fn(|k| row[k] * sign(k)));
            let turned = times(&to, &transposed(&flipped));
            let allowed = turns == Orientations::Axes48 || determinant(&turned) > 0.0;
            if allowed && along(&&Orientation::nearest(&turned)) {
                linear.push(turned);
            }
        }
        let pose = |m, by| self.allowed(Pose { linear: scaled(m, by), from: fixed.centre, to: moving.centre });
        sizes.iter().flat_map(|by| linear.iter().map(move |m| pose(m, *by))).collect()
    }

    /// The best few one level on, the first of these down to the finest level.
    fn refined(&mut self, pairs: &[Pair], found: Vec<Found>, first: &Pose) -> Result<(Answer, Vec<Vec<u8>>)> {
        let mut found = self.compared(&pairs[1], found)?;
        let mut pose = found[0].pose;
        for (k, pair) in pairs.iter().enumerate().skip(2) {
            let count = SAMPLES[SAMPLES.len() + k - pairs.len()];
            let samples = self.samples(pair, count)?;
            let inside = samples.inside(&pose, &pair.moving);
            let compared = if inside.at.len() < LEAST_SAMPLES { &samples } else { &inside };
            let mut metric = Metric::new(compared, &pair.moving, self.header.bins, Goal::Overlap);
            let how = self.climbing(self.header.model, pair.resolution, 40);
            let (top, value) = climb(&mut metric, samples.radius, pose, &how, self.cancel)?;
            pose = top;
            self.evaluations += metric.evaluations;
            if k + 1 == pairs.len() {
                let before = metric.at(first, self.cancel)?;
                found[0].pose = pose;
                let mut whole = Metric::new(&samples, &pair.moving, self.header.bins, Goal::Overlap);
                let overlap = whole.overlap(&pose, self.cancel)?;
                let seen = Seen { before, value, overlap, samples: compared.at.len() };
                return Ok((self.answer(&found, &seen, pair)?, vec![]));
            }
        }
        Err(KernelError::internal("a registration of too few levels"))
    }

    /// Candidates climbed by the whole model, the best first.
    fn compared(&mut self, pair: &Pair, found: Vec<Found>) -> Result<Vec<Found>> {
        let samples = self.samples(pair, SAMPLES[1])?;
        let mut metric = Metric::new(&samples, &pair.moving, self.header.bins, Goal::Whole);
        let how = self.climbing(self.header.model, pair.resolution, 40);
        let mut better = vec![];
        for start in found.into_iter().take(KEPT) {
            let (pose, value) = climb(&mut metric, samples.radius, start.pose, &how, self.cancel)?;
            better.push(Found { pose, score: value.score });
        }
        self.evaluations += metric.evaluations;
        self.sort(&mut better);
        Ok(better)
    }

    fn answer(&self, found: &[Found], seen: &Seen, pair: &Pair) -> Result<Answer> {
        let map = found[0].pose.map();
        let back = map.inverse().ok_or_else(|| KernelError::internal("a registration that has no inverse"))?;
        let best = found[0].orientation();
        let runner_up = found[1..].iter().find(|other| other.orientation() != best).map(Found::candidate);
        let mut answer = Answer {
            fixed_from_moving: back.rows(),
            moving_from_fixed: map.rows(),
            mi_before: seen.before.mi,
            mi: seen.value.mi,
            shared: seen.value.shared,
            overlap: seen.overlap,
            best: found[0].candidate(),
            runner_up,
            ambiguous: false,
            mirrored: determinant(&map.linear) < 0.0,
            volume_ratio: determinant(&back.linear).abs(),
            resolution_um: pair.resolution,
            samples: seen.samples,
            evaluations: self.evaluations,
            verdict: "pass",
            reasons: vec![],
        };
        judge::judge(&mut answer, self.header.bins);
        Ok(answer)
    }
}

struct Seen {
    before: Value,
    value: Value,
    overlap: f64,
    samples: usize,
}

/// A pair of levels with samples, for tests of the metric.
#[cfg(test)]
pub fn pair_of(sources: [Source; 2]) -> Result<(Vec<Pair>, Moments)> {
    let pairs = levels(sources, None, kernels::cancel::never())?;
    let moments = Moments::of(&pairs[0].fixed);
    Ok((pairs, moments))
}
