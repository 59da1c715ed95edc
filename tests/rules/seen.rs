//! What was seen, as rectangles: against a grid of cells, one by one.

use exeat::domain::seen::{Cells, MOST, Rect, Seen, Unit};
use proptest::prelude::*;

const SIDE: u64 = 14;

fn index(cell: u64) -> usize {
    usize::try_from(cell).unwrap()
}

fn rect() -> impl Strategy<Value = Rect> {
    let side = || (0..=SIDE, 0..=SIDE);
    (side(), side()).prop_map(|((top, bottom), (left, right))| Rect::from([top, bottom, left, right]))
}

/// The cells of rectangles, one by one.
fn grid(rects: &[Rect]) -> Vec<Vec<bool>> {
    let mut grid = vec![vec![false; index(SIDE)]; index(SIDE)];
    for rect in rects {
        for row in rect.top..rect.bottom {
            for column in rect.left..rect.right {
                grid[index(row)][index(column)] = true;
            }
        }
    }
    grid
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn rectangles_say_what_a_grid_says(rects in prop::collection::vec(rect(), 0..30), rows in 0..=SIDE, columns in 0..=SIDE) {
        let mut cells = Cells::default();
        for (n, rect) in rects.iter().enumerate() {
            let before = grid(&rects[..n]);
            prop_assert_eq!(cells.add(*rect), grid(&rects[..=n]) != before, "whether anything was new");
        }
        let grid = grid(&rects);
        let at = |row: u64, column: u64| grid[index(row)][index(column)];
        let all = (0..SIDE).flat_map(|row| (0..SIDE).map(move |column| (row, column)));
        for (row, column) in all.clone() {
            prop_assert_eq!(cells.has(row, column), at(row, column));
        }
        let within = all.clone().filter(|(row, column)| *row < rows && *column < columns && at(*row, *column)).count();
        prop_assert_eq!(cells.within(rows, columns), within as u64);
        for (n, one) in cells.rects().iter().enumerate() {
            for other in &cells.rects()[n + 1..] {
                let apart = one.bottom <= other.top || other.bottom <= one.top || one.right <= other.left || other.right <= one.left;
                prop_assert!(apart, "{one:?} meets {other:?}");
            }
        }
        let some = |line: &dyn Fn(u64) -> bool| (0..SIDE).filter(|at| line(*at)).count() as u64;
        let extent = (some(&|row| (0..SIDE).any(|column| at(row, column))), some(&|column| (0..SIDE).any(|row| at(row, column))));
        prop_assert_eq!(cells.extent(), extent);
        let missing = all.clone().find(|(row, column)| *row < rows && *column < columns && !at(*row, *column));
        prop_assert_eq!(cells.missing(0, rows, columns), missing);
        let kept: Cells = serde_json::from_value(serde_json::to_value(&cells).unwrap()).unwrap();
        prop_assert_eq!(kept.within(SIDE, SIDE), cells.within(SIDE, SIDE));
    }
}

#[test]
fn too_many_are_said_smaller_never_larger() {
    // A chequerboard: no two of them can be one.
    let mut cells = Cells::default();
    let mut added = 0;
    for row in 0..40 {
        for column in (row % 2..40).step_by(2) {
            cells.add(Rect::from([row, row + 1, column, column + 1]));
            added += 1;
        }
    }
    cells.add(Rect::from([100, 200, 0, 10]));
    assert_eq!(cells.rects().len(), MOST);
    assert!(cells.within(1000, 1000) < added + 1000);
    assert!(cells.has(150, 5), "the largest is not forgotten");
}

#[test]
fn words_round_down_and_say_all_only_of_all() {
    let seen = |unit, rows, columns, whole, parts: &[[u64; 4]]| {
        let parts = Cells::from(parts.iter().map(|part| Rect::from(*part)).collect::<Vec<_>>());
        Seen { unit, rows, columns, whole, parts }
    };
    let table = |parts: &[[u64; 4]]| seen(Unit::Cells, 212, 5, true, parts);
    for (seen, list, title) in [
        (table(&[[0, 40, 0, 5]]), "18%", "40 of 212 rows x 5 of 5 columns: 18%"),
        (table(&[[0, 212, 0, 5]]), "all", "whole: 212 rows x 5 columns"),
        (table(&[[0, 212, 0, 4], [0, 211, 4, 5]]), "99%", "212 of 212 rows x 5 of 5 columns: 99%"),
        (table(&[[0, 1, 0, 1]]), "<1%", "1 of 212 rows x 1 of 5 columns: <1%"),
        (seen(Unit::Cells, 24, 320, true, &[[0, 24, 0, 10]]), "3%", "24 of 24 rows x 10 of 320 columns: 3%"),
        (seen(Unit::Lines, 80, 1, true, &[[0, 24, 0, 1]]), "30%", "24 of 80 lines: 30%"),
        (seen(Unit::Lines, 1, 1, true, &[[0, 1, 0, 1]]), "all", "whole: 1 line"),
        (seen(Unit::Cells, 9, 2, false, &[[0, 9, 0, 2]]), "99%", "9 of about 9 rows x 2 of 2 columns: 99%"),
        (seen(Unit::Facts, 0, 0, true, &[]), "facts", "its facts"),
    ] {
        assert_eq!((seen.share().to_string().as_str(), seen.words().as_str()), (list, title));
    }
}
