"""Provinces and cities: complete, readable, in the right zone."""

from zoneinfo import ZoneInfo

from lsp.services import regions


def test_every_province_and_city_is_there():
    assert len(regions.provinces()) == 38
    assert sum(len(regions.cities_of(each.code)) for each in regions.provinces()) == 514


def test_names_read_as_people_write_them():
    assert regions.province_name("73") == "Sulawesi Selatan"
    assert regions.province_name("31") == "DKI Jakarta"
    assert regions.city_name("11.71") == "Kota Banda Aceh"
    assert (
        regions.readable("KABUPATEN PANGKAJENE DAN KEPULAUAN")
        == "Kabupaten Pangkajene dan Kepulauan"
    )


def test_no_name_is_left_in_capitals():
    names = [each.name for each in regions.provinces()]
    names += [city.name for each in regions.provinces() for city in regions.cities_of(each.code)]
    loud = {word for name in names for word in name.split() if word.isupper()}
    assert loud == {"DKI"}


def test_a_code_that_nobody_has():
    assert regions.city_name("99.01") == ""
    assert regions.province_name("") == ""
    assert regions.cities_of("99") == ()
    assert regions.zone_of("99") == "Asia/Jakarta"


def test_zones():
    assert regions.zone_of("11") == "Asia/Jakarta"
    assert regions.zone_of("73") == "Asia/Makassar"
    assert regions.zone_of("91") == "Asia/Jayapura"
    for each in regions.provinces():
        ZoneInfo(each.zone)


def test_cities_belong_to_their_province():
    aceh = regions.cities_of("11")
    assert all(city.code.startswith("11.") and len(city.code) == 5 for city in aceh)
    assert [city.name for city in aceh] == sorted(city.name for city in aceh)
