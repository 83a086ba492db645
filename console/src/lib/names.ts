// A name for a visitor who has none: two words made of the id, so that it is the same on every page and every day.

const COLOURS = [
  "Amber",
  "Azure",
  "Bronze",
  "Cedar",
  "Cherry",
  "Chestnut",
  "Cobalt",
  "Copper",
  "Coral",
  "Crimson",
  "Ebony",
  "Emerald",
  "Fern",
  "Flint",
  "Golden",
  "Granite",
  "Hazel",
  "Indigo",
  "Ivory",
  "Jade",
  "Lilac",
  "Maple",
  "Marble",
  "Mauve",
  "Mint",
  "Misty",
  "Mossy",
  "Ochre",
  "Olive",
  "Opal",
  "Pearl",
  "Plum",
  "Rosy",
  "Ruby",
  "Russet",
  "Saffron",
  "Sandy",
  "Sapphire",
  "Scarlet",
  "Silver",
  "Slate",
  "Snowy",
  "Sunny",
  "Tawny",
  "Teal",
  "Umber",
  "Velvet",
  "Violet",
] as const; // prettier-ignore

const BIRDS = [
  "Bunting",
  "Bustard",
  "Condor",
  "Cormorant",
  "Crane",
  "Curlew",
  "Dove",
  "Dunlin",
  "Eagle",
  "Egret",
  "Falcon",
  "Finch",
  "Gannet",
  "Goose",
  "Grebe",
  "Grouse",
  "Gull",
  "Harrier",
  "Hawk",
  "Heron",
  "Hoopoe",
  "Ibis",
  "Jay",
  "Kestrel",
  "Kite",
  "Lapwing",
  "Lark",
  "Linnet",
  "Magpie",
  "Martin",
  "Nightjar",
  "Oriole",
  "Osprey",
  "Owl",
  "Partridge",
  "Pelican",
  "Petrel",
  "Pipit",
  "Plover",
  "Puffin",
  "Quail",
  "Raven",
  "Robin",
  "Sparrow",
  "Starling",
  "Stork",
  "Swallow",
  "Swan",
  "Swift",
  "Tern",
  "Thrush",
  "Wagtail",
  "Warbler",
  "Wren",
] as const; // prettier-ignore

/** FNV-1a, because every character must matter. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) value = Math.imul(value ^ text.charCodeAt(at), 0x01000193);
  return value >>> 0;
}

export function pseudonym(visitorId: string): string {
  const value = hash(visitorId.toLowerCase());
  const bird = Math.floor(value / COLOURS.length) % BIRDS.length;
  return `${COLOURS[value % COLOURS.length]} ${BIRDS[bird]}`;
}

/** One or two letters in the place of a picture. */
export function initials(name: string): string {
  const words = name.trim().split(/\s+/u);
  const letters = [words[0], words.length > 1 ? words.at(-1) : undefined].map((word) => [...(word ?? "")][0] ?? "");
  return letters.join("").toLocaleUpperCase("en");
}
