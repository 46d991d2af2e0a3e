"""What an administrator does: a list, its editor, saved."""

from playwright.sync_api import expect

from tests.e2e.at_desk import Insider


class Administrator(Insider):
    """At the administration's pages."""

    def section(self, name: str) -> None:
        self.go("Administración")
        self.page.get_by_role("navigation", name="Administración").get_by_role(
            "link", name=name, exact=True
        ).click()
        expect(self.main.get_by_role("heading", name=name).first).to_be_visible()

    def add(self, section: str, button: str, **values: str) -> None:
        self.section(section)
        self.main.get_by_role("button", name=button).click()
        for label, value in values.items():
            self.main.get_by_label(label).fill(value)
        self.main.get_by_role("button", name="Crear").click()
        self.saved()

    def change(self, section: str, item: str, label: str, value: str) -> None:
        self.section(section)
        self.main.get_by_role("link", name=item).click()
        self.main.get_by_label(label).fill(value)
        self.main.get_by_role("button", name="Guardar").click()
        self.saved()

    def saved(self) -> None:
        expect(self.page.get_by_text("Guardado").first).to_be_visible()
