//! What contracts B and C share: people by UUID, accessions, whole lists, and refusals in the words their portals look for.

use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::domain::item::Item;
use crate::domain::page::{Sort, Wanted};
use crate::domain::refusal::Refusal;
use crate::serve::auth::Caller;
use crate::serve::fault::{Fault, Kind};
use crate::service::{PortalPerson, Service};

/// When a refusal came: at creation every fault of the end has the same words.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Site {
    /// A request is made.
    Creation,
    /// It is edited or decided.
    Change,
}

/// A refusal in the contract's words, where it has some; where it has none the rule's own sentence says more.
pub(super) fn worded(why: Refusal, site: Site) -> Fault {
    let words = match (why.code.as_str(), site) {
        ("not_found", Site::Creation) if why.message.starts_with("Dataset") => "Dataset not found",
        ("starts_invalid" | "too_early", _) => "Access start date is invalid",
        ("ends_invalid" | "too_short" | "too_long" | "ends_before_start", Site::Creation)
        | ("ends_invalid" | "too_short", _) => "Access end date is invalid",
        ("ends_before_start", Site::Change) => "Access end date must be later than access start date",
        ("too_long", Site::Change) => "Access duration is too long",
        ("iva_missing", _) => "Access request is missing an IVA",
        ("decided", Site::Change) => "Access request has already been processed",
        _ => "",
    };
    let mut fault = Fault::from(why);
    if !words.is_empty() {
        words.clone_into(&mut fault.sentence);
    }
    fault
}

/// Says no to what is no accession.
pub(super) fn dataset_id(text: &str) -> Result<(), Fault> {
    let letters = text.bytes().take_while(u8::is_ascii_uppercase).count();
    let digits = text.len() - letters;
    let fine = (1..=6).contains(&letters)
        && (3..=18).contains(&digits)
        && text.bytes().skip(letters).all(|b| b.is_ascii_digit());
    if fine {
        Ok(())
    } else {
        Err(Fault::invalid("dataset_id is no accession: 1 to 6 capital letters and 3 to 18 digits."))
    }
}

/// A request without what is absent.
pub(super) fn drop_nulls(request: &mut Value) {
    if let Some(fields) = request.as_object_mut() {
        fields.retain(|_, value| !value.is_null());
    }
}

/// The way in for the person of a UUID; whom the caller may not act for, and whom there is not, are the same to it.
pub(super) async fn person_of(caller: &Caller, user: Uuid) -> Result<Service, Fault> {
    let forbidden = || Fault::new(Kind::Forbidden, "That user_id is not yours to act for.");
    let person = caller.service().person(&user.to_string()).await?.ok_or_else(forbidden)?;
    caller.acting(&person.login).map_err(|_| forbidden())
}

/// The active person of a UUID, for services that ask about people.
pub(super) async fn user(caller: &Caller, text: &str) -> Result<PortalPerson, Fault> {
    let id: Uuid = text.parse().map_err(|_| Fault::invalid("The user's id is no UUID."))?;
    let found = caller.service().person(&id.to_string()).await?;
    found.ok_or_else(|| Fault::not_found("The user was not found."))
}

/// Whether the person decides access requests.
pub(super) async fn is_steward(service: &Service) -> Result<bool, Fault> {
    Ok(service.holds("steward").await?)
}

/// The filter with the user it is asked for; none where nobody is that user. Only a steward may ask for others.
pub(super) async fn of_user(
    caller: &Caller,
    service: &Service,
    user: Option<Uuid>,
    mut filter: Map<String, Value>,
) -> Result<Option<Value>, Fault> {
    let steward = is_steward(service).await?;
    let login = match user {
        Some(user) => {
            let person = caller.service().person(&user.to_string()).await?.map(|person| person.login);
            if !steward && person.as_deref() != Some(caller.own()?) {
                return Err(Fault::new(Kind::Forbidden, "Only data stewards may ask for others."));
            }
            let Some(login) = person else { return Ok(None) };
            Some(login)
        }
        // An auditor sees all in a desk; this contract knows users and stewards.
        None if steward => None,
        None => Some(caller.own()?.to_owned()),
    };
    if let Some(login) = login {
        filter.insert("by".into(), json!([login]));
    }
    Ok(Some(Value::Object(filter)))
}

/// All rows of a filter: these contracts know no pages.
pub(super) async fn all_of<T: Item>(service: &Service, sort: Sort, filter: Value) -> Result<Vec<T>, Fault> {
    let mut wanted = Wanted { filter, sort, after: None, page: 1_000 };
    let mut all = Vec::new();
    loop {
        let page = service.page::<T>(&wanted).await?;
        all.extend(page.items);
        match page.next {
            Some(next) => wanted.after = Some(next),
            None => return Ok(all),
        }
    }
}
