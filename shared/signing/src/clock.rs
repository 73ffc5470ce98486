//! How far the time of a request may be from the clock. The clock is passed in.

/// Whole seconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UnixSeconds(pub i64);

/// How far apart, in seconds, the time of a request and the clock may be, either way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// The largest difference that is accepted.
    pub seconds: u64,
}

/// A request that is too old, or from the future.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the request's time must be within {seconds} seconds of the server's time")]
pub struct Stale {
    /// What would have been accepted.
    pub seconds: u64,
}

impl Default for Window {
    /// Five minutes (IIMMPACT contract, "Signing").
    fn default() -> Self {
        Self { seconds: 300 }
    }
}

impl Window {
    /// The longest window that a deployment may configure, in seconds: a quarter of an hour. A
    /// nonce is stored for longer than that after its timestamp, whatever window is configured now.
    /// Otherwise a request could be replayed after the window was widened.
    pub const LONGEST: u64 = 900;

    /// A window of so many seconds; `None` above [`Self::LONGEST`].
    #[must_use]
    pub fn of(seconds: u64) -> Option<Self> {
        (seconds <= Self::LONGEST).then_some(Self { seconds })
    }

    /// Whether `timestamp` is close enough to `now`; exactly the window's width still is.
    ///
    /// # Errors
    /// [`Stale`] when it is further away, in the past or in the future.
    pub fn check(self, timestamp: UnixSeconds, now: UnixSeconds) -> Result<(), Stale> {
        // A plain subtraction would overflow at the ends of the range.
        if timestamp.0.abs_diff(now.0) <= self.seconds { Ok(()) } else { Err(Stale { seconds: self.seconds }) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_764_547_200;

    #[test]
    fn five_minutes_either_way() {
        let window = Window::default();
        for (at, passes) in
            [(0, true), (-300, true), (300, true), (-301, false), (301, false), (-360, false), (360, false)]
        {
            assert_eq!(window.check(UnixSeconds(NOW + at), UnixSeconds(NOW)).is_ok(), passes, "{at}");
        }
    }

    #[test]
    fn a_window_has_a_longest() {
        assert_eq!(Window::of(300), Some(Window::default()));
        assert_eq!(Window::of(900), Some(Window { seconds: 900 }));
        assert_eq!(Window::of(901), None);
    }

    #[test]
    fn the_ends_of_the_range_do_not_overflow() {
        for (timestamp, now) in [(i64::MIN, i64::MAX), (i64::MAX, i64::MIN), (i64::MIN, 0)] {
            let stale = Window::default().check(UnixSeconds(timestamp), UnixSeconds(now));
            assert_eq!(stale, Err(Stale { seconds: 300 }));
        }
    }
}
