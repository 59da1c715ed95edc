//! Replays people: their database logins, the services that act for them, their memberships, whether they are removed.

use std::collections::{HashMap, HashSet};

use super::event::{PersonEvent, Role};
use super::{At, Name, Names};

/// One membership; times in microseconds since 1970.
struct Membership {
    id: Option<i64>,
    /// None: every project.
    project: Option<Name>,
    role: Role,
    from: i64,
    until: i64,
    ended: bool,
}

/// Everybody, by login.
#[derive(Default)]
pub(super) struct People {
    /// Whose a database login is.
    logins: HashMap<Box<str>, Name>,
    /// The database login of a service.
    services: HashMap<Box<str>, Box<str>>,
    memberships: HashMap<Name, Vec<Membership>>,
    /// Whose a membership is, by its number.
    holders: HashMap<i64, Name>,
    removed: HashSet<Name>,
}

impl People {
    pub(super) fn has_login(&self, person: &Name, role: &str) -> bool {
        self.logins.get(role) == Some(person)
    }

    /// Whether it is or was one, with this login: an ending that commits beside a command is not seen by it.
    pub(super) fn is_service(&self, name: &str, role: &str) -> bool {
        self.services.get(name).is_some_and(|own| **own == *role)
    }

    /// Whether the person is or was one: an ending that commits beside a command is not seen by it.
    pub(super) fn was_administrator(&self, person: &Name) -> bool {
        self.of(person).any(|held| held.role == Role::Administrator)
    }

    /// Whether the person ever was, or is to become, a researcher of the project.
    pub(super) fn was_researcher(&self, person: &Name, project: &Name) -> bool {
        self.of(person).any(|held| held.role == Role::Researcher && held.is_for(project))
    }

    /// Whether the person is a checker of the project from one moment to another; `all` of it, or some.
    pub(super) fn is_checker(&self, person: &Name, project: &Name, (from, to): (i64, i64), all: bool) -> bool {
        let (begun, lasts) = if all { (from, to) } else { (to, from) };
        !self.removed.contains(person)
            && self.of(person).any(|held| {
                held.role == Role::Checker
                    && held.is_for(project)
                    && !held.ended
                    && held.from <= begun
                    && held.until > lasts
            })
    }

    fn of(&self, person: &Name) -> impl Iterator<Item = &Membership> {
        self.memberships.get(person).into_iter().flatten()
    }

    pub(super) fn add_login(&mut self, person: Name, role: &str) -> Result<(), String> {
        match self.logins.get(role) {
            Some(other) if *other != person => Err(format!("the database login {role} is {other}'s already.")),
            _ => {
                self.logins.insert(role.into(), person);
                Ok(())
            }
        }
    }

    /// A name is given once.
    pub(super) fn add_service(&mut self, name: &str, role: &str) -> Result<(), String> {
        match self.services.insert(name.into(), role.into()) {
            Some(_) => Err(format!("there was a service {name} already.")),
            None => Ok(()),
        }
    }

    pub(super) fn remove(&mut self, person: Name) {
        self.removed.insert(person);
    }

    pub(super) fn take(&mut self, names: &mut Names, at: At, event: PersonEvent) -> Result<(), String> {
        match event {
            PersonEvent::First { login } => {
                if self.memberships.values().flatten().any(|held| held.role == Role::Administrator) {
                    return Err("there was an administrator already.".into());
                }
                let person = names.of(&login);
                self.add_login(person.clone(), &login)?;
                self.hold(person, None, None, Role::Administrator, (i64::MIN, i64::MAX), false);
            }
            PersonEvent::Login { login, role } => self.add_login(names.of(&login), &role)?,
            PersonEvent::Service { name, role } => self.add_service(&name, &role)?,
            PersonEvent::Added(added) => {
                let project = added.project.as_deref().map(|project| names.of(project));
                self.hold(names.of(&added.login), Some(added.id), project, added.role, added.bounds, added.ended);
            }
            PersonEvent::Ended { login, project, role } => {
                let project = project.as_deref().map(|project| names.of(project));
                let all = self.memberships.get_mut(&names.of(&login)).into_iter().flatten();
                // By the bound alone, one that is over may come back with the clock.
                all.filter(|held| held.role == role && held.project == project && held.until > at.micros)
                    .for_each(|held| held.ended = true);
            }
            PersonEvent::RanOut { membership } => {
                let holder = self.holders.get(&membership).ok_or("no sealed entry made this membership.")?;
                let all = self.memberships.get_mut(holder).into_iter().flatten();
                all.filter(|held| held.id == Some(membership)).for_each(|held| held.ended = true);
            }
            PersonEvent::Synced { removed, restored } => {
                self.removed.extend(removed.iter().map(|login| names.of(login)));
                for login in &restored {
                    self.removed.remove(login.as_str());
                }
            }
        }
        Ok(())
    }

    fn hold(
        &mut self,
        person: Name,
        id: Option<i64>,
        project: Option<Name>,
        role: Role,
        (from, until): (i64, i64),
        ended: bool,
    ) {
        if let Some(id) = id {
            self.holders.insert(id, person.clone());
        }
        self.memberships.entry(person).or_default().push(Membership { id, project, role, from, until, ended });
    }
}

impl Membership {
    fn is_for(&self, project: &Name) -> bool {
        self.project.as_ref().is_none_or(|own| own == project)
    }
}
