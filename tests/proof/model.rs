//! Who may release what, stated once more and as simply as can be: a history is a list, and each question walks through it.
//! It shares nothing with `domain::replay` and is compared with it over made-up and tampered histories.

/// A step of a history. People 0 to 3 may be checkers, 4 and 5 are administrators.
#[derive(Clone, Debug, PartialEq)]
pub enum Op {
    Add {
        person: usize,
        role: &'static str,
    },
    End {
        person: usize,
        role: &'static str,
    },
    Remove {
        person: usize,
    },
    Bring {
        person: usize,
    },
    /// A policy: its number, approvals and seconds of hold; proposed ones wait for their confirmation.
    Policy {
        number: i64,
        approvals: i64,
        hold: i64,
        proposed: bool,
    },
    Confirm {
        number: i64,
        by: usize,
    },
    Intake {
        version: i64,
        unknown: bool,
        blocked: bool,
    },
    Gone {
        version: i64,
    },
    Register {
        person: usize,
        version: i64,
    },
    Vote {
        person: usize,
        version: i64,
        kind: &'static str,
        policy: i64,
    },
    Undo {
        person: usize,
        version: i64,
    },
    Withdraw {
        version: i64,
    },
    Recall {
        version: i64,
    },
    Restore {
        person: usize,
        version: i64,
        proposed: bool,
    },
    Claim {
        version: i64,
    },
}

/// A step with its moment in seconds and, where it is about a case, whether it left it approved and since when.
#[derive(Clone, Debug)]
pub struct Line {
    pub op: Op,
    pub at: i64,
    pub approved: Option<i64>,
    /// Of a claim: whether it was earned, by the lines before.
    pub earned: bool,
}

/// The lines so far, oldest first.
pub type History<'a> = &'a [Line];

fn holds(history: History<'_>, person: usize, role: &str) -> bool {
    let removed = history.iter().rev().find_map(|line| match line.op {
        Op::Remove { person: p } if p == person => Some(true),
        Op::Bring { person: p } if p == person => Some(false),
        _ => None,
    });
    let held = history.iter().rev().find_map(|line| match line.op {
        Op::Add { person: p, role: r } if p == person && r == role => Some(true),
        Op::End { person: p, role: r } if p == person && r == role => Some(false),
        _ => None,
    });
    held == Some(true) && removed != Some(true)
}

/// The policies that held, in their order: number, approvals, hold.
fn policies(history: History<'_>) -> Vec<(i64, i64, i64)> {
    let mut active: Vec<(i64, i64, i64)> = Vec::new();
    let mut seen = Vec::new();
    let mut proposed = Vec::new();
    for line in history {
        match line.op {
            Op::Policy { number, approvals, hold, proposed: waits } if !seen.contains(&number) => {
                let weaker = active.last().is_some_and(|(_, a, h)| approvals < *a || hold < *h);
                if waits {
                    proposed.push((number, approvals, hold));
                    seen.push(number);
                } else if !weaker {
                    active.push((number, approvals, hold));
                    proposed.clear();
                    seen.push(number);
                }
            }
            Op::Confirm { number, by: 5 } => {
                if let Some(found) = proposed.iter().copied().find(|(n, ..)| *n == number) {
                    active.push(found);
                    proposed.clear();
                }
            }
            _ => {}
        }
    }
    active
}

fn version_of(op: &Op) -> Option<i64> {
    match op {
        Op::Vote { version, .. }
        | Op::Undo { version, .. }
        | Op::Withdraw { version }
        | Op::Recall { version }
        | Op::Restore { version, .. }
        | Op::Claim { version } => Some(*version),
        _ => None,
    }
}

/// The lines about the case that its state let through, since its votes began anew; none while it takes no decision.
fn turn(history: History<'_>, version: i64) -> Option<Vec<(usize, Line)>> {
    let (mut open, mut recalled, mut proposer) = (true, false, None);
    let mut lines = Vec::new();
    for (n, line) in history.iter().enumerate().filter(|(_, line)| version_of(&line.op) == Some(version)) {
        match line.op {
            Op::Recall { .. } => {
                (open, recalled, proposer) = (false, true, None);
                lines.clear();
            }
            Op::Restore { .. } if intake(&history[..n], version).is_none() => {}
            Op::Restore { person, proposed: true, .. } if recalled => proposer = Some(person),
            Op::Restore { person, proposed: false, .. } if recalled => {
                open = proposer.take().is_some_and(|other| other != person);
                recalled = !open;
            }
            Op::Withdraw { .. } if open => lines.clear(),
            Op::Claim { .. } if line.earned => open = false,
            Op::Vote { policy, .. } if open => {
                let sealed = policies(&history[..n]).iter().any(|(number, ..)| *number == policy);
                if intake(&history[..n], version).is_some() && sealed {
                    lines.push((n, line.clone()));
                }
            }
            Op::Undo { .. } if open && intake(&history[..n], version).is_some() => lines.push((n, line.clone())),
            _ => {}
        }
    }
    open.then_some(lines)
}

fn intake(history: History<'_>, version: i64) -> Option<(bool, bool)> {
    history.iter().find_map(|line| match line.op {
        Op::Intake { version: v, unknown, blocked } if v == version => Some((unknown, blocked)),
        _ => None,
    })
}

/// Who approves and who asks for changes, of those whose votes count: with the number of the policy at the vote.
pub fn counted(history: History<'_>, version: i64, wanted: &str) -> Vec<(usize, i64)> {
    let (Some(lines), Some((unknown, _))) = (turn(history, version), intake(history, version)) else {
        return Vec::new();
    };
    let newest = |person: usize| {
        lines.iter().rev().find_map(|(_, line)| match line.op {
            Op::Vote { person: p, kind, policy, .. } if p == person => Some(Some((kind, policy))),
            Op::Undo { person: p, .. } if p == person => Some(None),
            _ => None,
        })
    };
    let own = |person: usize| history.iter().any(|line| line.op == Op::Register { person, version });
    let ever = |person: usize| history.iter().any(|line| line.op == Op::Add { person, role: "researcher" });
    (0..4)
        .filter(|person| holds(history, *person, "checker") && !own(*person) && !(unknown && ever(*person)))
        .filter_map(|person| match newest(person) {
            Some(Some((kind, policy))) if kind == wanted => Some((person, policy)),
            _ => None,
        })
        .collect()
}

/// Required approvals and hold: the stricter of the policy now and those at the votes.
pub fn required(history: History<'_>, version: i64) -> Option<(i64, i64)> {
    let all = policies(history);
    let now = *all.last()?;
    let at_votes = counted(history, version, "approve").into_iter().filter_map(|(_, n)| all.iter().find(|p| p.0 == n));
    let (approvals, hold): (Vec<i64>, Vec<i64>) = at_votes.copied().chain([now]).map(|(_, a, h)| (a, h)).unzip();
    Some((approvals.into_iter().max()?, hold.into_iter().max()?))
}

/// Since when the case is approved without a break, as its lines say.
pub fn approved_since(history: History<'_>, version: i64) -> Option<i64> {
    let mut since = None;
    for (_, line) in turn(history, version)? {
        since = line.approved.and_then(|at| since.or(Some(at)));
    }
    since
}

/// Whether a release of the version may be claimed at this moment.
pub fn is_earned(history: History<'_>, version: i64, now: i64) -> bool {
    let Some((_, false)) = intake(history, version) else { return false };
    let found = history.iter().position(|line| matches!(line.op, Op::Intake { version: v, .. } if v == version));
    let gone = history.iter().skip(found.unwrap_or(0)).any(|line| line.op == Op::Gone { version });
    let Some((approvals, hold)) = required(history, version) else { return false };
    let count = i64::try_from(counted(history, version, "approve").len()).unwrap();
    !gone
        && counted(history, version, "changes").is_empty()
        && count >= approvals
        && approved_since(history, version).is_some_and(|since| now - since >= hold)
}
