//! The sample's people, memberships, projects and policies. Called by [`super::load`].

/// A person: login (their database role has the same name), full name, and roles with the project (none: all).
pub struct Person {
    /// Login and database role.
    pub login: &'static str,
    /// As people would write it.
    pub name: &'static str,
    /// Role and project; none is every project.
    pub roles: &'static [(&'static str, Option<&'static str>)],
}

const fn person(
    login: &'static str,
    name: &'static str,
    roles: &'static [(&'static str, Option<&'static str>)],
) -> Person {
    Person { login, name, roles }
}

/// The first administrator, who adds everyone else.
pub const FIRST: Person = person("admin1", "Owen Pritchard", &[]);

/// Everyone else.
pub const PEOPLE: &[Person] = &[
    person("admin2", "Luc\u{ed}a Ferrer", &[("administrator", None)]),
    person("researcher1", "Amara Okafor", &[("researcher", Some("heart")), ("researcher", Some("lungs"))]),
    person("researcher2", "Tomasz Wi\u{15b}niewski", &[("researcher", Some("heart")), ("researcher", Some("lungs"))]),
    person("checker1", "Helen Marsh", &[("checker", Some("heart")), ("checker", Some("lungs"))]),
    person("checker2", "Rajiv Menon", &[("checker", Some("heart")), ("checker", Some("lungs"))]),
    person("checker3", "Sof\u{ed}a Calder\u{f3}n", &[("checker", Some("heart")), ("researcher", Some("heart"))]),
    person("steward1", "Ingrid Halvorsen", &[("steward", None)]),
    person("steward2", "Daniel Osei", &[("steward", None)]),
    person("manager1", "Miriam Adler", &[("permit_manager", None)]),
    person("manager2", "Peter Lindholm", &[("permit_manager", None)]),
    person("preparator1", "Yasmin Haddad", &[("data_preparator", None), ("data_reviewer", None)]),
    person("datareviewer1", "Bruno Keller", &[("data_reviewer", None)]),
    person("engineer1", "Ines Duarte", &[("setup_engineer", None)]),
    person("setupreviewer1", "Karl Nystr\u{f6}m", &[("setup_reviewer", None)]),
    person("holder1", "Greta Holm", &[("data_holder", None)]),
    person("holder2", "Oluwaseun Bello", &[("data_holder", None)]),
    person("auditor1", "Noor Haddad", &[("auditor", None)]),
];

/// A project: id, title, purpose, locations, and its destinations with the approvals each needs.
pub struct Project {
    /// Id.
    pub id: &'static str,
    /// Title.
    pub title: &'static str,
    /// Purpose.
    pub purpose: &'static str,
    /// Destination and approvals.
    pub destinations: &'static [(&'static str, u32)],
}

impl Project {
    /// Where its files lie.
    #[must_use]
    pub fn location(&self) -> String {
        format!("s3://{BUCKET}/{}/", self.id)
    }
}

/// The bucket of all locations.
pub const BUCKET: &str = "candidates";
/// The shared location; what is released lies below it by project and destination.
pub const SHARED: &str = "s3://shared/";
/// Bytes of the largest file a policy lets out.
pub const LARGEST: u64 = 100_000_000;
/// Seconds between the last approval and the release.
pub const HOLD: u32 = 2;

/// The projects.
pub const PROJECTS: &[Project] = &[
    Project {
        id: "heart",
        title: "Heart failure readmissions",
        purpose: "Who is readmitted after heart failure, and why it differs between places.",
        destinations: &[("trusted", 2), ("world", 3)],
    },
    Project {
        id: "lungs",
        title: "COPD in primary care",
        purpose: "Spirometry, exacerbations and treatment of chronic lung disease in general practice.",
        destinations: &[("trusted", 1)],
    },
];
