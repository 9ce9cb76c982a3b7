//! The median of every resample at once: values are sorted once, and each step along them adds one person's row of counts to
//! all resamples' sums, which the compiler turns into a few wide additions.

use super::resample::Weights;

/// A value and the row of the person whose it is.
pub(super) type Owned = (i64, u32);

/// Steps between looks at which resamples have reached their half.
const BLOCK: usize = 32;
/// Below so many values all of them are walked; above, only those near the middle, and of those before it each person's
/// number is added in one go.
const WALKED: usize = 2_048;

/// The median of each resample; `None` where nobody with a value was drawn.
///
/// `values` are sorted.
pub(super) fn medians(values: &[Owned], people: usize, weights: &Weights) -> Vec<Option<i64>> {
    let from = first_walked(values.len(), people);
    let totals = sums(values, people, weights);
    let mut reached = sums(&values[..from], people, weights);
    let mut found: Vec<Option<i64>> = vec![None; weights.resamples()];
    let mut open: Vec<usize> = Vec::new();
    for resample in 0..weights.resamples() {
        if is_half(reached[resample], totals[resample]) && totals[resample] > 0 {
            found[resample] = walk(&values[..from], 0, totals[resample], weights, resample);
        } else if totals[resample] > 0 {
            open.push(resample);
        }
    }
    let mut before = reached.clone();
    for block in values[from..].chunks(BLOCK) {
        if open.is_empty() {
            break;
        }
        before.copy_from_slice(&reached);
        for (_, person) in block {
            add(&mut reached, weights.of(*person as usize));
        }
        open.retain(|&resample| {
            let is_done = is_half(reached[resample], totals[resample]);
            if is_done {
                found[resample] = walk(block, before[resample], totals[resample], weights, resample);
            }
            !is_done
        });
    }
    found
}

/// Where the walk begins: the share of values below a resample's median differs from a half by about half of one by the root
/// of the number of people. Where it differs by more, the walk begins at the first value after all.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss, reason = "a place among values")]
fn first_walked(values: usize, people: usize) -> usize {
    let share = 0.5 - 2.5 / (people.max(1) as f64).sqrt();
    if values < WALKED || share <= 0.0 { 0 } else { (values as f64 * share) as usize }
}

/// Nearest rank: the first value at which the sum is at least half of all.
fn is_half(reached: u32, total: u32) -> bool {
    u64::from(reached) * 2 >= u64::from(total)
}

fn walk(values: &[Owned], mut reached: u32, total: u32, weights: &Weights, resample: usize) -> Option<i64> {
    for (value, person) in values {
        reached += u32::from(weights.of(*person as usize)[resample]);
        if is_half(reached, total) {
            return Some(*value);
        }
    }
    None
}

#[inline]
fn add(sums: &mut [u32], row: &[u8]) {
    for (sum, count) in sums.iter_mut().zip(row) {
        *sum += u32::from(*count);
    }
}

/// So many times a count of a byte fits into 16 bits, in which processors multiply more numbers at once.
const AT_ONCE: u32 = 255;

/// How many values each resample has.
fn sums(values: &[Owned], people: usize, weights: &Weights) -> Vec<u32> {
    let mut each = vec![0u32; people];
    for (_, person) in values {
        each[*person as usize] += 1;
    }
    let mut sums = vec![0u32; weights.resamples()];
    for (person, many) in each.into_iter().enumerate() {
        let (whole, rest) = (many / AT_ONCE, many % AT_ONCE);
        for times in std::iter::repeat_n(AT_ONCE, whole as usize).chain([rest]).filter(|times| *times > 0) {
            let times = u16::try_from(times).unwrap_or(u16::MAX);
            for (sum, count) in sums.iter_mut().zip(weights.of(person)) {
                *sum += u32::from(u16::from(*count) * times);
            }
        }
    }
    sums
}

#[cfg(test)]
mod tests {
    use super::super::resample::Resampler;
    use super::*;
    use crate::delivery::percentile;
    use proptest::prelude::*;

    /// The same by writing out every resample.
    fn plainly(values: &[Owned], weights: &Weights, resample: usize) -> Option<i64> {
        let copies = |(value, person): &Owned| vec![*value; usize::from(weights.of(*person as usize)[resample])];
        percentile(&mut values.iter().flat_map(copies).collect::<Vec<i64>>(), 50)
    }

    fn check(values: &mut [Owned], people: usize) {
        values.sort_unstable();
        let weights = Resampler::new(3).side(0, people);
        let found = medians(values, people, &weights);
        for resample in (0..weights.resamples()).step_by(97) {
            assert_eq!(found[resample], plainly(values, &weights, resample), "resample {resample}");
        }
    }

    #[test]
    fn many_values_of_many_people_have_the_medians_of_written_out_resamples() {
        let mut values: Vec<Owned> =
            (0..5_000u32).map(|at| (i64::from(at.wrapping_mul(2_654_435_761) % 9_973), at % 300)).collect();
        check(&mut values, 300);
    }

    #[test]
    fn a_middle_far_from_the_middle_is_found_too() {
        // One person has nearly all small values: whether they are drawn moves the median from one end to the other.
        let mut values: Vec<Owned> =
            (0..3_000).map(|at| if at < 1_400 { (at, 0) } else { (at, u32::try_from(at % 7).unwrap()) }).collect();
        check(&mut values, 7);
    }

    proptest! {
        #[test]
        fn medians_are_those_of_written_out_resamples(values in prop::collection::vec((-50i64..50, 0u32..9), 1..200)) {
            check(&mut values.clone(), 9);
        }
    }
}
