"""The page in Chromium: from the code in a printed letter to "this letter is genuine", and every cheat refused in plain words."""

import re
import shutil

import pypdfium2
import pytest
import zxingcpp
from app import decision_letters
from app.letter_cheats import CHEATS
from app.other_letters import ByList, packet_of, proof_of, slip
from app.published_letter import Publisher
from replay.freedonia_line import KEY, freedonia
from sampling import EVERY

from callup.app import sealed
from callup.app.benches.browser import CHROMIUM, Browser, served
from callup.app.web.public.page import CheckPage, words

pytestmark = pytest.mark.chromium
VERDICT = "document.querySelector('#verdict h2')?.textContent"
TEXT = "document.body.innerText"
UNREAD = ("file-missing", "code-malformed", "letter-of-another")
"""What says nothing against a letter."""
FLIPPED_AT = (7, 97)


@pytest.fixture(scope="module")
def browser():
    one = Browser()
    yield one
    one.close()


@pytest.fixture(scope="module")
def printed(tmp_path_factory, open_line):
    """A small call-up of Freedonia with its first letters printed: the folder of its log, and what the code on a letter says."""
    root = tmp_path_factory.mktemp("freedonia") / "line"
    shutil.copytree(open_line, root)
    with freedonia(root) as course:
        folder, dossier = course.dossier.open / "log", course.dossier
        pdf = sealed.open_bytes((dossier.sealed / "50-notices/wave-1-print/letters-0001.pdf.sealed").read_bytes(), KEY, b"letters-0001.pdf")
    return folder, code_of(pdf)


def code_of(pdf):
    """What a phone reads from the front of the first letter."""
    document = pypdfium2.PdfDocument(pdf)
    dots = document[0].render(scale=200 / 72, grayscale=True).to_numpy()
    (code,) = zxingcpp.read_barcodes(dots, formats=zxingcpp.BarcodeFormat.QRCode)
    document.close()
    return code.text


def look(browser, address, fragment, language="en"):
    browser.visit(f"{address}/v#{fragment}")
    browser.until(VERDICT)
    speak(browser, language)


def speak(browser, language):
    browser.value(f"[...document.getElementById('languages').children].find((one) => one.lang === '{language}').click()")


def asked_for(browser):
    return browser.asked


def sentence(language, key):
    """A sentence of the page as a pattern: what stands for a parameter may be anything."""
    return ".+?".join(re.escape(part) for part in re.split(r"\{\w+\}", words(language)[key]))


def test_chromium_is_here():
    assert CHROMIUM


def test_from_the_code_on_paper_to_genuine(browser, printed, tmp_path):
    folder, code = printed
    assert code.startswith("https://rehearsal.callup.example/v#1.")
    with served(folder) as (address, given):
        look(browser, address, code.partition("#")[2])
        text = browser.value(TEXT)
        outside = [url for url in asked_for(browser) if not url.startswith((address, "blob:", "data:"))]
        browser.picture(tmp_path / "genuine.png")
    files = [(name, size) for name, size in given if name != "/v"]
    assert text.startswith("REHEARSAL")
    assert "This letter is genuine" in text
    assert re.search(sentence("en", "verdict.stand-ins"), text)
    assert outside == browser.complaints == []
    assert len(files) == len(set(files)) <= 20
    assert sum(size for _, size in files) <= 150_000
    assert all("#" not in name and "1.16" not in name for name, _ in given)
    assert (tmp_path / "genuine.png").stat().st_size > 10_000


def test_a_decision_is_shown_with_its_case_its_sentence_and_its_names_and_a_turned_one_is_refused(browser, tmp_path):
    folder = decision_letters.Deciding().run(languages=("en", "de")).write(tmp_path / "mirror")
    codes = [made.fragment for made in (decision_letters.Deciding().run(), decision_letters.CHEATS["a decision turned round"][0]())]
    with served(folder) as (address, _):
        look(browser, address, codes[0])
        text = browser.value(TEXT)
        for said in (
            decision_letters.FACT["case_id"],
            "It is refused.",
            "A. First, B. Second",
            "another person: Žilvinas\\a",
            "2027-03-09",
        ):
            assert said in text
        assert words("en")["verdict.entered"] in text
        assert words("en")["verdict.decision"] in text
        speak(browser, "de")
        assert words("de")["verdict.decision"] in browser.value(TEXT)
        browser.picture(tmp_path / "decision.png")
        look(browser, address, codes[1])
        assert words("en")["verdict.refused"] in browser.value(TEXT)
    assert browser.complaints == []


def test_the_code_is_cleared_from_the_address_bar_and_from_the_history(browser, printed):
    folder, code = printed
    with served(folder) as (address, _):
        look(browser, address, code.partition("#")[2])
        assert browser.value("location.href") == f"{address}/v"
        entries = browser.protocol().send("Page.getNavigationHistory")["entries"]
        assert not any("#" in one["url"] for one in entries)


def test_the_same_letter_in_the_other_language_from_another_mirror(browser, printed, tmp_path):
    """Beneath another path, with Russian words beside the English ones."""
    folder, code = printed
    (tmp_path / "press").symlink_to(folder)
    (mirror := tmp_path / "mirror").mkdir()
    for part in ("acts", "public", "roll"):
        (mirror / part).symlink_to(folder / part)
    policy = (folder / "policy").read_text(encoding="utf-8")
    page = CheckPage("freedonia-2025", "rehearsal.callup.example/freedonia-2025", policy, True, ("en", "ru"), {})
    (mirror / "v").write_bytes(page.html())
    with served(tmp_path) as (address, _):
        look(browser, f"{address}/mirror", code.partition("#")[2], "ru")
        assert words("ru")["verdict.changed"] in browser.value(TEXT)
        look(browser, f"{address}/press", code.partition("#")[2])
        assert "This letter is genuine" in browser.value(TEXT)


@pytest.fixture(scope="module")
def honest(tmp_path_factory):
    published = Publisher().run()
    return published, published.write(tmp_path_factory.mktemp("honest"))


@pytest.mark.parametrize("language", ["en", "ru"])
def test_with_witnesses_and_a_true_beacon(browser, honest, language):
    published, folder = honest
    with served(folder) as (address, _):
        look(browser, address, published.fragment, language)
        text = browser.value(TEXT)
    said = words(language)
    assert said["verdict.genuine"] in text
    assert said["rehearsal"] not in text
    for key in ("checkpoint.ok", "entry.ok", "plan.ok", "seed.ok", "roll.ok", "rank.ok", "act.ok", "promises.ok"):
        assert re.search(sentence(language, key), text), key
    assert browser.value("document.documentElement.lang") == language
    assert not re.search(r"\{\w+\}|undefined|NaN|null|\[object", text)


@pytest.mark.parametrize("cheat", CHEATS)
def test_a_cheat_is_refused_in_plain_words_of_both_languages(browser, tmp_path, cheat):
    make, code = CHEATS[cheat]
    published = make()
    with served(published.write(tmp_path)) as (address, _):
        look(browser, address, published.fragment)
        for language in ("en", "ru"):
            speak(browser, language)
            text = browser.value(TEXT)
            kind = "unknown" if code in UNREAD else "refused"
            assert words(language)[f"verdict.{kind}"] in text
            assert re.search(sentence(language, f"refused.{code}"), text)
            assert words(language)["verdict.genuine"] not in text


def test_flipped_bytes_of_each_file(browser, honest, tmp_path):
    """Design D29; every byte of them is flipped under Node, in tests/app/test_page_node.py."""
    published, folder = honest
    with served(folder) as (address, given):
        look(browser, address, published.fragment)
        names = list(dict.fromkeys(name[1:] for name, size in given if name != "/v" and size))
    assert len(names) >= 10
    survived, flips = [], [(name, at) for number, name in enumerate(names) for at in FLIPPED_AT[number % EVERY % 2 :: EVERY]]
    for name, at in flips:
        content = bytearray(published.files[name])
        content[at * len(content) // 100] ^= 1
        changed = published.with_file(name, bytes(content))
        with served(changed.write(tmp_path)) as (address, _):
            look(browser, address, published.fragment)
            if browser.value("document.getElementById('verdict').className") != "refused":
                survived.append((name, at))
        published.write(tmp_path)
    assert len(flips) >= 10
    assert survived == []


def test_an_order_by_list_speaks_of_no_draw(browser, tmp_path):
    published = ByList(rank=2).run()
    with served(published.write(tmp_path)) as (address, _):
        look(browser, address, published.fragment)
        text = browser.value(TEXT)
    for key in ("plan.list", "seed.list", "rank.list", "verdict.kept-list"):
        assert re.search(sentence("en", key), text), key
    assert "tickets" not in text


def test_a_halt_is_shown_in_full(browser, tmp_path):
    class Halted(Publisher):
        def after(self):
            super().after()
            self.publish(
                [("halt", "callup/halt/1\nscope: wave 1\non: 2027-03-02\nby: A\nsecond: B\nreason: <b>wrong place</b>\n")], 2_000_000_000
            )

    published = Halted().run()
    with served(published.write(tmp_path)) as (address, _):
        look(browser, address, published.fragment)
        assert words("en")["verdict.halted"] in browser.value(TEXT)
        assert "<b>wrong place</b>" in browser.value("document.querySelector('#verdict pre').textContent")


def test_a_slip_asks_for_its_code_and_says_how_far_the_call_has_gone(browser, tmp_path):
    published = slip(4)
    with served(published.write(tmp_path)) as (address, given):
        browser.visit(f"{address}/v#{published.fragment}")
        browser.until("document.getElementById('slip')?.hidden === false")
        assert browser.value("document.activeElement.id") == "salt"
        assert not [name for name, _ in given if name != "/v"], "nothing is asked before the code is typed"
        spaced = " ".join(published.salt[at : at + 4].upper() for at in range(0, 32, 4))
        browser.page.keyboard.insert_text(spaced)
        browser.value("document.querySelector('#slip button').click()")
        browser.until(VERDICT)
        text = browser.value(TEXT)
        assert words("en")["verdict.slip"] in text
        assert "Your number is 4. The last number called is 3: you have not been called." in text
        assert words("en")["slip.no-pass"] in text
        assert published.salt not in browser.value("document.documentElement.outerHTML")


def test_a_mirror_without_a_secure_address(browser, honest):
    """There the browser gives no WebCrypto, as on an old phone: the vendored curves check the signatures."""
    published, folder = honest
    with served(folder) as (address, _):
        look(browser, address.replace("127.0.0.1", "mirror.test"), published.fragment)
        assert browser.value("[location.hostname, isSecureContext, typeof crypto.subtle].join()") == "mirror.test,false,undefined"
        assert words("en")["verdict.genuine"] in browser.value(TEXT)


@pytest.mark.parametrize("opened", ["from a server that is gone", "from a file"])
def test_a_proof_file_without_a_network(browser, honest, tmp_path, opened):
    published, folder = honest
    proof, page = tmp_path / "letter.tlog-proof", tmp_path / "v.html"
    proof.write_bytes(proof_of(published).proof)
    page.write_bytes(published.pinned.html())
    with served(folder) as (address, _):
        browser.visit(page.as_uri() if opened == "from a file" else f"{address}/v")
        browser.until("document.querySelector('#form button')?.textContent")
    browser.page.set_input_files("#proof", proof)
    browser.value("document.querySelector('#form button').click()")
    browser.until(VERDICT)
    text = browser.value(TEXT)
    assert words("en")["verdict.entered"] in text
    assert words("en")["verdict.offline"] in text
    assert re.search(sentence("en", "entry.ok"), text)


def test_a_packet_without_a_network(browser, honest, tmp_path):
    published, folder = honest
    packet = tmp_path / "packet.json"
    packet.write_bytes(packet_of(published).proof)
    with served(folder) as (address, given):
        browser.visit(f"{address}/v")
        browser.until("document.querySelector('#form button')?.textContent")
        browser.page.set_input_files("#proof", packet)
        browser.value("document.querySelector('#form button').click()")
        browser.until(VERDICT)
        text = browser.value(TEXT)
        assert [name for name, _ in given] == ["/v"]
    for key in ("verdict.genuine", "packet.frozen", "packet.certificate", "packet.unvouched"):
        assert words("en")[key] in text
    assert "callup/certificate/1" in text
    assert "<b>art. 3(1)</b>" in text


def test_every_control_has_a_name(browser, honest):
    published, folder = honest
    protocol = browser.protocol()
    protocol.send("Accessibility.enable")
    with served(folder) as (address, _):
        for fragment in ("", published.fragment, slip(4).fragment):
            browser.visit(f"{address}/v#{fragment}")
            browser.until("document.title && document.readyState === 'complete'")
            nodes = protocol.send("Accessibility.getFullAXTree")["nodes"]
            controls = [one for one in nodes if one["role"]["value"] in ("button", "textbox", "link") and not one["ignored"]]
            assert controls
            assert all(one.get("name", {}).get("value") for one in controls)
    protocol.detach()


def test_by_keyboard_and_on_a_narrow_phone(browser, honest):
    published, folder = honest
    with served(folder) as (address, _):
        browser.sized(320, 640)
        browser.visit(f"{address}/v")
        browser.until("document.querySelector('#form button')?.textContent")
        browser.value("document.getElementById('code').focus()")
        browser.page.keyboard.insert_text(f"https://any.mirror.example/v#{published.fragment}")
        for key in ("Tab", "Tab", "Enter"):
            browser.page.keyboard.press(key)
        browser.until(VERDICT)
        assert "This letter is genuine" in browser.value(TEXT)
        assert browser.value("document.activeElement.id") == "sentence"
        assert browser.value("document.documentElement.scrollWidth") <= 320
        assert browser.value("[...document.querySelectorAll('button')].every((one) => one.offsetHeight === 0 || one.offsetHeight >= 44)")
        browser.sized()
