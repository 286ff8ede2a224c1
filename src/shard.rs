//! Which tenants belong to this process, where several share the work: the I-th of N parts.
//!
//! Nothing is agreed between the processes: each works its part out from the names alone. So the
//! choice must be the same on every machine and in every version for ever, and changing N must move
//! few tenants. Rendezvous hashing over a hash of our own gives both; the standard library's hash
//! promises no stability, and ranges of a sorted list would shift with every new tenant.

use std::{fmt, str::FromStr};

use crate::tenant::TenantName;

/// The most parts there may be. Choosing a part takes one step for each.
pub const MOST_PARTS: u16 = 1024;

/// One of several parts of the tenants, written `I/N` and counted from one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shard {
    part: u16,
    of: u16,
}

/// The text names no part.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ShardError {
    /// It is not two whole numbers with a slash between them.
    #[error("'{0}' is not a part; write `I/N`, such as `2/5` for the second of five")]
    Shape(String),
    /// There are no parts, or too many.
    #[error("'{0}' parts cannot be made; N goes from 1 to {MOST_PARTS}")]
    Count(u64),
    /// That part does not exist.
    #[error("there is no part '{part}' of {of}; parts count from 1 to {of}")]
    Part {
        /// What was asked for.
        part: u64,
        /// How many there are.
        of: u16,
    },
}

impl Shard {
    /// Returns whether a tenant belongs to this part. Every tenant belongs to exactly one.
    pub fn contains(self, tenant: &TenantName) -> bool {
        home(tenant.as_str(), self.of) == self.part
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.part, self.of)
    }
}

impl FromStr for Shard {
    type Err = ShardError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let number = |digits: &str| {
            let plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
            plain.then(|| digits.parse::<u64>().ok()).flatten()
        };
        let (part, of) = text
            .split_once('/')
            .and_then(|(part, of)| Some((number(part)?, number(of)?)))
            .ok_or_else(|| ShardError::Shape(text.to_owned()))?;
        let of = u16::try_from(of)
            .ok()
            .filter(|of| (1..=MOST_PARTS).contains(of))
            .ok_or(ShardError::Count(of))?;
        let part = u16::try_from(part)
            .ok()
            .filter(|part| (1..=of).contains(part))
            .ok_or(ShardError::Part { part, of })?;
        Ok(Self { part, of })
    }
}

/// The part that a name falls into: every part bids for it with a number that depends on the two
/// alone, and the highest bid wins. A further part takes from each of the others what it outbids them
/// for, one in N + 1 on average, and moves nothing else.
fn home(name: &str, parts: u16) -> u16 {
    let name = fnv1a(name.as_bytes());
    let bid = |part: &u16| mix(name ^ mix(u64::from(*part)));
    // two equal bids for one name are next to impossible; the higher part would win
    (1..=parts).max_by_key(bid).unwrap_or(1)
}

/// FNV-1a, 64 bit (<http://www.isthe.com/chongo/tech/comp/fnv/>): the same on every machine for ever.
pub(crate) fn fnv1a(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

/// The finaliser of `SplitMix64`: FNV alone leaves the high bits of short, similar names alike.
const fn mix(bits: u64) -> u64 {
    let bits = bits.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn names(count: usize) -> Vec<TenantName> {
        (0..count)
            .map(|number| format!("tenant-{number:05}").as_str().into())
            .collect()
    }

    #[test]
    fn a_part_is_written_as_a_fraction_and_reads_back() {
        for text in ["1/1", "2/5", "1024/1024"] {
            assert_eq!(text.parse::<Shard>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn what_is_no_part_is_told_apart() {
        let table = [
            ("", "write `I/N`"),
            ("3", "write `I/N`"),
            ("a/b", "write `I/N`"),
            ("1/2/3", "write `I/N`"),
            ("+1/2", "write `I/N`"),
            (" 1/2", "write `I/N`"),
            ("-1/2", "write `I/N`"),
            ("0/4", "count from 1 to 4"),
            ("5/4", "no part '5' of 4"),
            ("1/0", "N goes from 1"),
            ("1/1025", "to 1024"),
            ("99999999999/4", "no part '99999999999' of 4"),
        ];
        for (text, words) in table {
            let error = text.parse::<Shard>().unwrap_err().to_string();
            assert!(error.contains(words), "{text}: {error}");
        }
    }

    /// Running fleets rely on these: a change would check some tenants twice and others not at all.
    #[test]
    fn the_choice_never_changes_from_version_to_version() {
        assert_eq!(fnv1a(b""), 0xcbf2_9ce4_8422_2325);
        assert_eq!(fnv1a(b"foobar"), 0x8594_4171_f739_67e8);
        // the first outputs of SplitMix64 seeded with zero, from its reference implementation
        assert_eq!(mix(0), 0xe220_a839_7b1d_cdaf);
        let homes: Vec<_> = ["contoso-rooms", "fabrikam", "北海道", "a", ""]
            .iter()
            .map(|name| home(name, 7))
            .collect();
        assert_eq!(homes, [5, 3, 6, 5, 4]);
    }

    #[test]
    fn parts_are_of_similar_size() {
        let mut sizes = [0; 10];
        for name in names(10_000) {
            sizes[usize::from(home(name.as_str(), 10)) - 1] += 1;
        }
        // 1,000 expected, with a standard deviation of 30
        assert!(
            sizes.iter().all(|size| (850..1150).contains(size)),
            "{sizes:?}"
        );
    }

    #[test]
    fn one_part_more_takes_its_share_and_moves_nothing_else() {
        let names = names(10_000);
        for parts in 1..20 {
            let mut moved = 0;
            for name in &names {
                let (before, after) = (home(name.as_str(), parts), home(name.as_str(), parts + 1));
                if before != after {
                    assert_eq!(after, parts + 1, "{name} moved between parts that stay");
                    moved += 1;
                }
            }
            let share = 10_000 / usize::from(parts + 1);
            assert!(
                moved * 5 < share * 6,
                "{moved} moved at {parts} → {}",
                parts + 1
            );
        }
    }

    proptest! {
        #[test]
        fn the_parts_are_complete_and_disjoint(name in "\\PC*", of in 1..=64_u16) {
            let name = TenantName::from(name.as_str());
            let takers = (1..=of).filter(|part| Shard { part: *part, of }.contains(&name));
            prop_assert_eq!(takers.count(), 1);
        }

        #[test]
        fn reading_a_part_never_panics(text in "\\PC*|[0-9/]{0,30}") {
            if let Ok(shard) = text.parse::<Shard>() {
                prop_assert!(1 <= shard.part && shard.part <= shard.of && shard.of <= MOST_PARTS);
            }
        }
    }
}
