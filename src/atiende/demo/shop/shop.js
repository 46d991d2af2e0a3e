// The shop moves between its pages without loading them, as many shops do, and replaces its whole
// body as the worst of them do: the chat must survive that.
const home = document.body.cloneNode(true);
home.querySelectorAll("atiende-chat").forEach((each) => each.remove());

function show() {
  const place = location.hash.slice(2);
  const body = home.cloneNode(true);
  if (place) {
    const link = body.querySelector(`.goods a[href="#/${CSS.escape(place)}"]`);
    const title = link?.querySelector("b").textContent ?? body.querySelector(`a[href="#/${CSS.escape(place)}"]`)?.textContent ?? place;
    const detail = document.createElement("section");
    detail.className = "detail";
    const heading = document.createElement("h1");
    heading.textContent = title;
    const text = document.createElement("p");
    text.textContent = link ? `${link.querySelector("span").textContent} · llega en 12 días` : "Pronto verá aquí esta colección.";
    detail.append(heading, text);
    body.querySelector("main").replaceChildren(detail);
  }
  document.body.replaceWith(body);
}

addEventListener("hashchange", show);
