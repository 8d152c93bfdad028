//! Aligning sections to each other: finding each in the next at any rotation, matching them closely, placing all at
//! once, bending all at once, and saying how well they agree.

mod band;
mod blocks;
pub mod compare;
mod descriptor;
pub mod features;
pub mod fine;
mod judge;
mod links;
mod mesh;
mod parts;
mod picture;
pub mod place;
pub mod relax;
mod rigid;
pub mod rough;
#[cfg(test)]
mod scene;
#[cfg(test)]
mod sections_tests;
mod trend;
mod turn;
