//! The names that the API has for roles, permissions, audited actions and the like, with all of their values.

use std::borrow::Cow;
use tacho_domain::audit::Action;
use tacho_domain::budget::Basis;
use tacho_domain::seats::ExclusionReason;
use tacho_domain::{Permission, Role};
use utoipa::openapi::{ObjectBuilder, RefOr, Schema, Type};
use utoipa::{PartialSchema, ToSchema};

macro_rules! names {
    ($($type:ident $name:literal $words:literal $all:expr;)+) => {
        $(
            #[doc = $words]
            pub(crate) struct $type;

            impl PartialSchema for $type {
                fn schema() -> RefOr<Schema> {
                    let object = ObjectBuilder::new().schema_type(Type::String).description(Some($words));
                    RefOr::T(object.enum_values(Some($all.iter().map(|one| one.as_str()))).build().into())
                }
            }

            impl ToSchema for $type {
                fn name() -> Cow<'static, str> {
                    Cow::Borrowed($name)
                }
            }
        )+

        /// All of them by name.
        pub(crate) fn all() -> Vec<(String, RefOr<Schema>)> {
            vec![$(($name.to_owned(), $type::schema())),+]
        }
    };
}

names! {
    RoleName "Role" "What somebody is to an organization." Role::ALL;
    PermissionName "Permission" "One thing that may be done; the scope of an API token." Permission::ALL;
    ActionName "Action" "What was done." Action::ALL;
    BasisName "BudgetBasis" "What is held against a budget: charged use, metered use at vendor prices, or seat fees and charged use." Basis::ALL;
    ReasonName "SeatExclusionReason" "Why somebody's seats are not to be called idle." ExclusionReason::ALL;
}
