//! What holds against people holds against a service that acts for them: the same tests, whose commands go through its door. Left out are
//! those of what one does within one's own session, which nobody has there, and those of reading.

use super::{access, bounds, doors, poison, raw, sql, sql_load, sql_reach, sql_rights};
use crate::support::door::through_a_service;

#[test]
fn access_too() {
    for test in [
        access::a_whole_number_is_one_however_written,
        access::json_of_any_shape_gets_an_answer,
        access::times_out_of_this_world_are_refused,
        access::a_command_id_means_one_command,
        access::what_a_vote_declares_and_a_restore_says_have_a_size,
        access::a_mail_address_is_one_wherever_it_comes_in,
        access::a_stewards_own_grant_names_nobody,
    ] {
        through_a_service(test);
    }
}

#[test]
fn bounds_too() {
    for test in [
        bounds::nesting_ends_at_sixteen_levels,
        bounds::a_number_has_forty_digits,
        bounds::requests_have_four_times_the_longest_text_and_lists_sixteen_megabytes,
        bounds::thirty_thousand_registrations_may_wait_for_their_bytes,
        bounds::fifty_tickets_of_a_person_wait_at_once,
        bounds::one_refresh_waits_and_eight_are_worked_on,
        bounds::a_hundred_requests_of_a_person_are_pending,
    ] {
        through_a_service(test);
    }
}

#[test]
fn doors_too() {
    for test in [
        doors::a_recall_ends_every_vote,
        doors::one_takes_back_what_one_asked_for_oneself,
        doors::own_is_who_named_the_bytes_from_that_moment_on,
        doors::asking_again_moves_nobodys_row,
        doors::what_others_ask_for_is_shown_under_them,
    ] {
        through_a_service(test);
    }
}

#[test]
fn sql_too() {
    through_a_service(sql::one_person_under_two_logins_is_one_vote);
}

#[test]
fn sql_reach_too() {
    for test in [
        sql_reach::internal_notes_are_between_checkers,
        sql_reach::an_invisible_id_answers_as_an_unknown_one,
        sql_reach::tickets_downloads_and_refreshes_are_ones_own,
        sql_reach::forged_notifications_and_ids_change_nothing,
        sql_reach::numbers_and_texts_out_of_range_are_answers,
    ] {
        through_a_service(test);
    }
}

#[test]
fn sql_rights_too() {
    for test in [
        sql_rights::a_ticket_ends_with_the_right_to_it,
        sql_rights::a_download_ends_with_the_recall,
        sql_rights::votes_count_while_their_voters_may_vote,
    ] {
        through_a_service(test);
    }
}

#[test]
fn sql_load_too() {
    for test in [sql_load::a_command_has_a_size, sql_load::sentences_quote_a_beginning] {
        through_a_service(test);
    }
}

#[test]
fn raw_too() {
    for test in [
        raw::every_field_of_a_wrong_type_is_refused_by_name,
        raw::what_is_missing_or_unknown_is_refused_by_name,
        raw::what_is_deep_huge_or_out_of_range_is_refused,
        raw::only_what_is_listed_runs,
        raw::what_is_inside_a_list_is_refused_too,
        raw::a_misspelt_internal_publishes_nothing,
    ] {
        through_a_service(test);
    }
}

#[test]
fn poison_too() {
    for test in [
        poison::a_name_of_a_hundred_kilobytes_is_refused_and_journalled,
        poison::a_key_too_long_for_the_shared_place_is_never_decided_on,
    ] {
        through_a_service(test);
    }
}
