"""What the real Russian register of persons liable holds on people, item by item: no folder can make callup hold it (G1)."""

import pytest

from callup.law import load_law
from callup.terms.errors import NotLawful
from callup.terms.tables import COLUMN_KINDS

ITEMS = tuple(
    """
border_crossings exit_date entry_date travel_abroad foreign_passport visa_number train_tickets flights vehicles vehicle_plate
driving_licence boat_registration weapon_permit property_address real_estate_value land_plot bank_account bank_accounts card_number
bank_deposit loan_balance debt_until income_last_year salary tax_number tax_debt taxpayer_status pension_account insurance_number
company_shares phone phone_number mobile_operator sim_card imei device_id browser_name ip_address email_account location_last
geolocation camera_sighting movement_history biometric_template face_photo fingerprint_code voice_sample dna_profile iris_scan
relatives spouse_name mother_passport brother_served sister_address social_network_profile blog_posts friends_of contacts_list
internet_search ethnicity nationality religion church_member political_party union_member opinion_voiced risk_score watchlist_entry
""".split()  # noqa: SIM905
)


def law(name: str, kind: str) -> str:
    return f'"""Testland: Act."""\nregister = {{"{name}": "{kind}: flag"}}\n@liable("Act 1")\ndef bound(p, day):\n    return p.{name}\n'


def test_there_are_some_fifty() -> None:
    assert len(set(ITEMS)) >= 50


@pytest.mark.parametrize("name", ITEMS)
def test_refused_by_name_under_any_kind(name: str) -> None:
    for kind in ("ground", "residence", "education level", name.replace("_", " ")):
        with pytest.raises(NotLawful) as caught:
            load_law(law(name, kind), "t/law.py")
        assert caught.value.code == "law-column-refused"
        assert name in str(caught.value.params["what"])
        assert caught.value.params["where"] == "t/law.py:2"


def test_a_lawful_ground_of_one_flag_loads() -> None:
    assert load_law(law("sole_carer", "ground"), "t/law.py").columns["sole_carer"].kind == "ground"


def test_the_closed_list_names_no_such_kind() -> None:
    for word in (
        "ethnicity",
        "religion",
        "opinion",
        "relative",
        "device",
        "location",
        "vehicle",
        "border",
        "bank",
        "phone",
        "biometric",
        "tax",
    ):
        assert not any(word in kind for kind in COLUMN_KINDS)
