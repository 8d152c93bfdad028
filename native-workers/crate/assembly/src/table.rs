//! The tasks of this crate by name; all others are those of `kernels`.

use crate::intensity::{balance, flat_field, lens, light, seams};
use crate::sections::{compare, features, fine, place, relax, rough};
use crate::{affine, blocks, correlate, render, scope, solve, surface};
use kernels::cancel::Cancel;
use kernels::error::Result;
use kernels::table::{self, Output, guarded, one, with};

/// Runs one task of the table to its end.
pub fn run(task: &str, header: &str, inputs: &[&[u8]], cancel: Cancel<'_>) -> Result<Output> {
    guarded(task, || match task {
        "blend-blocks" => with(header, |h| blocks::blend_blocks(&h, inputs, cancel)),
        "match-blocks" => with(header, |h| blocks::match_blocks(&h, inputs, cancel)),
        "project-ncc" => with(header, |h| blocks::project_ncc(&h, inputs, cancel)),
        "solve-blocks" => with(header, |h| blocks::solve_blocks(&h, inputs, cancel)),
        "register-affine" => with(header, |h| affine::register_affine(&h, inputs, cancel)),
        "correlate-pair" => with(header, |h| correlate::correlate_pair(&h, cancel)),
        "render-region" => with(header, |h| render::render_region(&h, inputs, cancel)),
        "measure-tile" => with(header, |h| scope::measure_tile(&h, cancel)),
        "solve-stack" => with(header, |h| solve::solve_stack(&h, inputs, cancel)),
        "region-surface" => with(header, |h| surface::region_surface(&h, inputs, cancel)),
        "tile-light" => with(header, |h| light::tile_light(&h, cancel)),
        "compare-light" => with(header, |h| light::compare_light(&h, one(inputs)?, cancel)),
        "flat-field" => with(header, |h| flat_field::flat_field(&h, inputs, cancel)),
        "balance-light" => with(header, |h| balance::balance_light(&h, one(inputs)?, cancel)),
        "even-seams" => with(header, |h| seams::even_seams(&h, inputs, cancel)),
        "solve-lens" => with(header, |h| lens::solve_lens(&h, inputs, cancel)),
        "section-features" => with(header, |h| features::section_features(&h, inputs, cancel)),
        "match-sections-rough" => with(header, |h| rough::match_sections_rough(&h, inputs, cancel)),
        "match-sections-fine" => with(header, |h| fine::match_sections_fine(&h, inputs, cancel)),
        "place-sections" => with(header, |h| place::place_sections(&h, inputs, cancel)),
        "relax-sections" => with(header, |h| relax::relax_sections(&h, inputs, cancel)),
        "compare-sections" => with(header, |h| compare::compare_sections(&h, inputs, cancel)),
        _ => table::run(task, header, inputs, cancel),
    })
}
