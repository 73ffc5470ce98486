//! The chart of the page: for each figure with a target, how far the value is from it.

use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use crate::figure::{Figure, Target, number};

const MET: RGBColor = RGBColor(0x0d, 0x94, 0x88);
const MISSED: RGBColor = RGBColor(0xb4, 0x23, 0x18);
const TEXT: RGBColor = RGBColor(0x51, 0x60, 0x7a);
const GRID: RGBColor = RGBColor(0xcb, 0xd5, 0xe1);
const PAPER: RGBColor = RGBColor(0xff, 0xff, 0xff);

const WIDTH: u32 = 900;
/// The height of a figure's bar with the room around it.
const ROW: u32 = 28;
/// What is above the first bar.
const TOP: i32 = 34;
/// Where bars begin: the names are left of it.
const LEFT: i32 = 470;
/// The length of a bar whose value is its target.
const UNIT: f64 = 190.0;
/// The longest bar, in targets: what is worse ends there.
const LONGEST: f64 = 1.8;

type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;
type Drawn = Result<(), DrawingAreaErrorKind<std::io::Error>>;

/// The chart as SVG; none where it cannot be drawn, or there is nothing to draw.
#[must_use]
pub fn svg(figures: &[Figure]) -> Option<String> {
    let bars: Vec<(&Figure, f64)> = figures.iter().filter_map(|figure| Some((figure, share(figure)?))).collect();
    let rows = u32::try_from(bars.len()).ok().filter(|rows| *rows > 0)?;
    let height = ROW.checked_mul(rows)?.checked_add(TOP.unsigned_abs())?.checked_add(10)?;
    let mut svg = String::new();
    {
        let area = SVGBackend::with_string(&mut svg, (WIDTH, height)).into_drawing_area();
        draw(&area, &bars, i32::try_from(height).ok()?).ok()?;
        area.present().ok()?;
    }
    Some(svg)
}

/// How much of its target a value is: up to 1 it is met.
fn share(figure: &Figure) -> Option<f64> {
    let value = figure.value?.median;
    let share = match figure.target? {
        Target::AtMost(most) => value / most,
        Target::AtLeast(least) => least / value,
    };
    share.is_finite().then_some(share)
}

fn draw(area: &Area<'_>, bars: &[(&Figure, f64)], height: i32) -> Drawn {
    let small = || ("sans-serif", 15).into_font().color(&TEXT);
    let (left, right) = (Pos::new(HPos::Left, VPos::Center), Pos::new(HPos::Right, VPos::Center));
    let target = LEFT.saturating_add(UNIT as i32);
    area.fill(&PAPER)?;
    area.draw(&Text::new("target", (target, 14), small().pos(Pos::new(HPos::Center, VPos::Center))))?;
    area.draw(&PathElement::new(vec![(target, TOP - 8), (target, height - 6)], GRID.stroke_width(2)))?;
    for ((figure, share), top) in bars.iter().zip((TOP..).step_by(ROW as usize)) {
        let color = if figure.met() == Some(true) { MET } else { MISSED };
        let end = LEFT.saturating_add((share.min(LONGEST) * UNIT) as i32);
        let value = figure.value.map_or_else(String::new, |value| number(value.median));
        area.draw(&Text::new(figure.figure.clone(), (LEFT - 10, top + 9), small().pos(right)))?;
        area.draw(&Rectangle::new([(LEFT, top), (end, top + 18)], color.filled()))?;
        area.draw(&Text::new(value, (end.max(target) + 8, top + 9), small().pos(left)))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::Spread;

    fn figure(value: f64, target: Option<Target>) -> Figure {
        Figure::ratio("start < hello", Some(Spread::exact(value)), target, String::new())
    }

    #[test]
    fn a_bar_is_short_where_its_target_is_met_whatever_the_side() {
        assert_eq!(share(&figure(1.0, Some(Target::AtMost(2.0)))), Some(0.5));
        assert_eq!(share(&figure(6.0, Some(Target::AtLeast(3.0)))), Some(0.5));
        assert_eq!(share(&figure(0.0, Some(Target::AtLeast(3.0)))), None);
        assert_eq!(share(&figure(1.0, None)), None);
    }

    #[test]
    fn a_chart_has_a_bar_in_its_colour_for_each_target_and_escapes_names() {
        let figures =
            [figure(1.0, Some(Target::AtMost(2.0))), figure(9.0, Some(Target::AtMost(2.0))), figure(1.0, None)];
        let svg = svg(&figures).unwrap();
        assert_eq!((svg.matches("#0D9488").count(), svg.matches("#B42318").count()), (1, 1), "{svg}");
        assert!(svg.contains("start &lt; hello"), "{svg}");
        assert_eq!(super::svg(&figures[2..]), None);
    }
}
