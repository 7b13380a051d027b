//! What every backend must do, as cases that a backend's tests run: see [`run`]. A new backend is finished when it
//! passes; a new promise of the traits gets a case here first.

mod associations;
mod cards;
mod collections;
mod enrol;
mod erase;
mod executions;
mod fixtures;
mod histories;
mod images;
mod journal;
mod keys;
mod log;
mod machines;
mod models;
mod objects;
mod properties;
mod race;
mod requests;
mod update;
mod uploads;
mod users;

use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;

use crate::Repository;

type Outcome = Result<(), Box<dyn std::error::Error + Send + Sync>>;

/// One promise, checked on a repository that is empty and used by nobody else.
#[derive(Clone, Copy)]
pub struct Case {
    /// What is checked, for messages.
    pub name: &'static str,
    check: fn(Arc<dyn Repository>) -> BoxFuture<'static, Outcome>,
}

impl Case {
    /// Checks the promise; gives what is wrong.
    pub async fn check(&self, repository: Arc<dyn Repository>) -> Result<(), String> {
        match AssertUnwindSafe((self.check)(repository)).catch_unwind().await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => Err(format!("{}: {error} ({error:?})", self.name)),
            Err(panic) => {
                let text = panic.downcast_ref::<String>().map(String::as_str);
                let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
                Err(format!("{}: {}", self.name, text.unwrap_or("panicked")))
            }
        }
    }
}

macro_rules! cases {
    ($($module:ident { $($name:ident),+ $(,)? })+) => {
        /// Every promise.
        pub const CASES: &[Case] = &[$($(
            Case {
                name: concat!(stringify!($module), "::", stringify!($name)),
                check: |repository| $module::$name(repository).boxed(),
            },
        )+)+];
    };
}

cases! {
    collections {
        a_collection_is_made_once,
        an_unknown_collection_is_an_error,
        collections_are_apart,
        deleting_takes_everything_along,
        the_log_of_a_reused_name_goes_on,
        a_collection_is_counted,
        tags_are_set_and_removed,
    }
    enrol {
        a_registration_is_complete,
        a_user_id_is_taken_once,
        user_ids_keep_their_case,
        pictures_are_optional,
        a_known_face_is_refused,
        faces_that_were_searched_are_not_compared_again,
        the_threshold_itself_is_a_match,
        the_most_alike_face_is_named,
        templates_of_another_model_are_refused,
        templates_of_another_length_are_refused,
        a_face_id_is_used_once,
        an_image_id_is_used_once,
        a_refusal_leaves_nothing,
    }
    cards {
        a_card_is_kept_as_it_is,
        a_card_goes_with_its_user,
        too_large_a_card_is_refused,
    }
    update {
        an_update_adds_and_merges,
        the_oldest_faces_make_room,
        an_unknown_user_is_not_updated,
        another_users_face_is_refused,
        without_a_policy_nothing_is_compared,
        too_large_a_merge_changes_nothing,
        an_update_checks_the_model,
    }
    images {
        an_image_is_enrolled,
        the_same_image_is_enrolled_once,
        an_erased_image_can_come_again,
        one_image_many_times_at_once,
        an_image_is_enrolled_whole_or_not,
        the_first_image_fits_itself,
        nobodys_faces_are_no_duplicates,
        only_nobodys_faces_are_erased,
        a_face_taken_from_a_user_loses_its_picture_too,
        faces_are_listed_in_pages,
        listed_faces_are_chosen,
        thousands_are_read_at_once,
        templates_come_by_face,
    }
    associations {
        a_user_without_faces_is_made_once,
        a_removed_user_leaves_their_faces,
        faces_change_hands,
        a_user_has_a_hundred_faces_at_most,
        a_face_counts_once_it_is_given,
        an_erased_user_takes_given_faces_along,
        associations_come_by_user,
    }
    requests {
        a_repetition_gets_the_same_answer,
        associations_are_repeated,
        what_was_refused_is_tried_again,
        answers_are_kept_for_eight_hours,
        one_request_many_times_at_once,
    }
    erase {
        an_erased_user_is_gone,
        an_erased_user_can_register_again,
        an_unknown_user_is_not_erased,
        a_reset_keeps_the_collection,
    }
    models {
        templates_are_prepared_unseen,
        a_collection_changes_its_model_in_one_step,
        newcomers_are_compared_by_the_new_model,
        faces_that_would_be_lost_to_searches_keep_a_collection_as_it_is,
        what_was_left_behind_is_not_compared,
        what_was_left_behind_comes_back,
        an_image_that_was_left_behind_is_enrolled_again,
        prepared_templates_go_with_their_faces,
        prepared_templates_have_one_length,
        a_model_is_changed_for_good_or_not_at_all,
    }
    log {
        changes_come_in_order_and_pages,
        an_erased_face_leaves_only_its_id,
        owners_are_those_of_today,
    }
    properties {
        any_text_comes_back,
        the_limit_is_400_kilobytes,
        nesting_is_limited,
        metadata_is_limited,
    }
    users {
        users_are_listed_in_pages,
        times_are_kept_to_the_microsecond,
    }
    keys {
        a_key_is_found_by_its_hash,
        a_revoked_key_is_not_found,
        a_key_is_made_once,
        one_root_secret_is_kept,
    }
    objects {
        buckets_are_made_once_and_listed,
        only_empty_buckets_are_removed,
        an_unknown_bucket_is_an_error,
        an_object_comes_back_as_it_was,
        any_text_is_a_key,
        an_object_is_replaced_as_a_whole,
        a_failing_source_leaves_what_was_there,
        conditions_decide,
        ranges_are_read,
        erased_objects_are_gone,
        a_reader_keeps_what_it_opened,
        keys_are_listed_in_pages,
        long_lists_are_walked,
        tags_are_replaced,
    }
    uploads {
        parts_become_one_object,
        an_opened_object_of_parts_stays,
        only_the_named_parts_count,
        a_part_is_replaced,
        other_parts_are_refused,
        an_upload_belongs_to_its_key,
        an_aborted_upload_is_gone,
        a_removed_bucket_takes_its_uploads_along,
        uploads_are_listed_in_pages,
    }
    machines {
        a_machine_is_made_once,
        machines_are_listed_in_pages,
        a_machine_is_changed_in_parts,
        a_removed_machine_leaves_its_executions,
        one_machine_many_times_at_once,
    }
    executions {
        an_execution_runs_from_start_to_end,
        an_execution_may_end_at_once,
        a_name_is_taken_once_for_each_machine,
        an_id_is_used_once,
        only_running_executions_advance,
        executions_are_listed_newest_first,
        listed_executions_are_chosen,
        unfinished_executions_are_walked,
        ended_executions_are_forgotten,
        executions_about_somebody_are_forgotten,
        one_name_many_times_at_once,
        many_executions_at_once,
    }
    histories {
        a_history_is_read_in_both_directions,
        any_text_is_an_event,
        a_history_may_be_empty,
    }
    journal {
        an_undone_registration_is_gone,
        an_undone_update_is_taken_back,
        a_settled_registration_stays,
        a_settled_update_makes_room,
        a_refusal_leaves_no_entry,
        several_writes_are_undone_in_reverse,
        only_what_still_holds_is_undone,
        what_others_have_written_stays,
        a_face_that_may_be_taken_back_makes_no_room,
        entries_go_with_the_user,
        entries_are_inherited,
        writes_to_several_collections_are_undone,
    }
    race {
        forty_people_are_forty_rows_without_an_index,
        forty_people_are_forty_rows_with_an_index,
        one_id_is_registered_once,
        updates_and_registrations_share_no_face,
        readers_see_complete_users,
    }
}

/// Runs every case, each on a repository of its own.
///
/// # Panics
/// After the last case, naming every case that failed.
pub async fn run<F, Made>(new_repository: F)
where
    F: Fn() -> Made,
    Made: Future<Output = Arc<dyn Repository>>,
{
    let mut failures = Vec::new();
    for case in CASES {
        if let Err(failure) = case.check(new_repository().await).await {
            failures.push(failure);
        }
    }
    assert!(
        failures.is_empty(),
        "{} of {} cases failed:\n{}",
        failures.len(),
        CASES.len(),
        failures.join("\n")
    );
}
