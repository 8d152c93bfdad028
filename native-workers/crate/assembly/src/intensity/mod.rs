//! Grey levels of tiles made to fit each other: lens and flat field, gain and offset, seams, sections.

pub mod balance;
mod dense;
pub mod flat_field;
mod grid;
pub mod lens;
mod lens_prior;
pub mod light;
mod places;
mod poisson;
mod robust;
pub mod seams;
