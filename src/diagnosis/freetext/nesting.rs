//! The marks by which runtimes show that one error lies inside another.

/// What a mark says of the errors around it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Direction {
    /// What follows lies inside what stands before.
    Inward,
    /// The inner error ends here.
    Outward,
    /// What stands before was the inner error: Python prints it first.
    CameBefore,
}

/// One mark, in lower case.
#[derive(Debug)]
pub(super) struct NestingMark {
    /// What it says.
    pub(super) direction: Direction,
    /// The words.
    pub(super) mark: &'static str,
}

const fn mark(direction: Direction, mark: &'static str) -> NestingMark {
    NestingMark { direction, mark }
}

/// Every mark.
pub(super) static MARKS: &[NestingMark] = &[
    mark(Direction::Inward, "caused by"),
    mark(Direction::Inward, "--->"),
    mark(Direction::Inward, "---&gt;"),
    mark(Direction::Inward, "inner exception:"),
    mark(Direction::Inward, "innerexception:"),
    mark(Direction::Inward, "original exception:"),
    mark(Direction::Inward, "original error"),
    mark(Direction::Inward, "nested exception is"),
    mark(Direction::Inward, "inner error"),
    mark(Direction::Inward, "innererror"),
    mark(Direction::Inward, "root cause"),
    mark(Direction::Inward, "client threw"),
    mark(Direction::Inward, "reraised from"),
    mark(Direction::Inward, "[cause]:"),
    mark(Direction::Inward, "underlying error"),
    mark(Direction::Outward, "end of inner exception"),
    mark(
        Direction::CameBefore,
        "during handling of the above exception",
    ),
    mark(
        Direction::CameBefore,
        "the above exception was the direct cause",
    ),
];

/// The nesting of one text.
#[derive(Debug, Default)]
pub(super) struct Nesting {
    /// From where on which depth holds, in order.
    depths: Vec<(usize, u8)>,
    /// Where Python says that what stands above was the inner error, in order.
    came_before: Vec<usize>,
}

impl Nesting {
    /// Reads the marks of a text, given by their places in order.
    pub(super) fn new(marks: impl Iterator<Item = (usize, Direction)>) -> Self {
        let mut nesting = Self::default();
        let mut depth = 0_u8;
        for (at, direction) in marks {
            match direction {
                Direction::CameBefore => {
                    nesting.came_before.push(at);
                    continue;
                }
                Direction::Inward => depth = depth.saturating_add(1),
                Direction::Outward => depth = depth.saturating_sub(1),
            }
            nesting.depths.push((at, depth));
        }
        nesting
    }

    /// Returns how many errors enclose this place.
    pub(super) fn depth_at(&self, at: usize) -> u8 {
        let here = self.depths.partition_point(|(from, _)| *from <= at);
        let last = here.checked_sub(1).and_then(|last| self.depths.get(last));
        let above = self.came_before.partition_point(|outer| *outer <= at);
        let outer = u8::try_from(self.came_before.len() - above).unwrap_or(u8::MAX);
        last.map_or(0, |(_, depth)| *depth).saturating_add(outer)
    }
}
