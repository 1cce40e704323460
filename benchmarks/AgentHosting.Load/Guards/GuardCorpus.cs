namespace AgentHosting.Load.Guards;

/// <summary>Texts with planted values, and ordinary sentences without any.</summary>
internal static class GuardCorpus
{
    private static readonly string[] Around =
    [
        "Please write to {0} before Friday, or come by.",
        "Of course! Here is what I found: {0}. Anything else?",
        "- {0}\n- nothing else\n",
        "var customer = new Customer(\"{0}\", 12);\nreturn customer.Save();",
        "{{\"note\": \"seen {0} today\", \"count\": 3, \"tags\": [\"a\", \"b\"]}}",
        "# config\nvalue: {0}\nretries: 3\n",
        "请联系 {0} 谢谢。naïve café – 🙂 «{0}»",
        "| name | value |\n| --- | --- |\n| contact | {0} |\n",
        "{0}",
        "Ärger mit ({0})? Ja, sehr.",
    ];

    private static readonly string[] Subjects = ["The team", "Our service", "A customer", "The second paragraph", "Version 2.4.1", "My neighbour", "Room 214", "The invoice", "Every reader", "Chapter 12"];
    private static readonly string[] Verbs = ["explains", "returns", "needs", "was moved to", "compares", "ends with", "begins at", "counts", "describes", "keeps"];
    private static readonly string[] Objects =
    [
        "the answer in 3 steps", "about 1,250 items per hour", "a list: red, green, blue", "page 47 of 310", "half-hour slots from 9:30 to 17:00", "a token of appreciation",
        "the password policy, which is long", "100% of the budget (EUR 12,500.00)", "what I'd call a well-known, state-of-the-art method", "5 - 3 = 2, as expected",
        "the years 1998-2004 and 2011/12", "an error at line 1024, column 17", "order 2024-000731", "temperatures between -12.5 and +31 degrees", "the ISBN 978-3-16-148410-0",
        "key: value pairs", "a task-based, sk-style list", "the build of 2026-11-26T19:47:35Z", "sizes of 1920x1080 and 3840x2160", "the ratio 3.14159265358979",
    ];

    private static readonly string[] Code =
    [
        "for (var i = 0; i < {0}; i++) {{ total += items[i].Price * {1}; }}",
        "public async Task<string> GetTokenAsync(int id = {0}, CancellationToken token = default) => await _store.ReadAsync(id, token);",
        "if (password == null) {{ throw new ArgumentNullException(nameof(password)); }} // line {0}",
        "std::vector<int> v{0}(n, {1}); v.push_back(a[1::2]);",
        "SELECT id, name FROM orders WHERE amount > {0} AND year = {1} ORDER BY id LIMIT 50;",
        "docker run --rm -p {0}:8080 -e MODE=test image:1.{1}",
        "@Override public int size() {{ return {0} + cache.size(); }}",
        "git clone git@github.com:org/repo.git && cd repo && git checkout v{0}.{1}.0",
        "const colors = [\"#ff{0:00}aa\", \"rgb({1}, 12, 255)\"];",
        "<div class=\"col-{0} mt-4\" id=\"item_{1}\">Text</div>",
        "secret = config.get(\"service_secret\"); key = keys[{0}]; token = tokens[{1}]",
        "npm install react@18.{0}.{1} lodash@4.17.21",
        "guid: 6f9619ff-8b86-d011-b42d-00c04fc96{0:000}",
        "commit 9fceb02d0ae598e95dc970b74767f19372d6{0:0000} on branch main",
        "0x{0:X8} 0b1011 1_000_{1:000} 6.02e23",
    ];

    /// <summary>At least <paramref name="count"/> texts, each kind in each surrounding in turn.</summary>
    public static List<PlantedText> Planted(int seed, int count)
    {
        var makers = new SensitiveValues(new Random(seed)).Makers;
        var texts = new List<PlantedText>(count);
        for (var i = 0; i < count; i++)
        {
            var (kind, make) = makers[i % makers.Count];
            var value = make();
            var around = Around[(i / makers.Count + i) % Around.Length];
            value = around.StartsWith("{{", StringComparison.Ordinal) ? value.Replace("\n", "\\n", StringComparison.Ordinal) : value;
            texts.Add(new PlantedText(string.Format(System.Globalization.CultureInfo.InvariantCulture, around, value), value, kind));
        }

        return texts;
    }

    /// <summary>Sentences of prose, code and numbers with nothing sensitive in them.</summary>
    public static List<string> Ordinary(int seed, int count)
    {
        var random = new Random(seed);
        var sentences = new List<string>(count);
        for (var i = 0; i < count; i++)
        {
            sentences.Add((i % 5) switch
            {
                0 or 1 => $"{Pick(Subjects)} {Pick(Verbs)} {Pick(Objects)}.",
                2 => string.Format(System.Globalization.CultureInfo.InvariantCulture, Pick(Code), random.Next(1, 100), random.Next(1, 100)),
                3 => $"{Pick(Subjects)} {Pick(Verbs)} {random.Next(1_000_000):N0} of {random.Next(10_000, 99_999_999)} rows in {random.NextDouble() * 100:0.000} s.",
                _ => $"Id {random.NextInt64(1_000_000_000, 99_999_999_999)}, stamp {1_700_000_000_000 + random.NextInt64(99_999_999_999)}, {random.Next(1, 13):00}/{random.Next(1, 29):00}/2025 {random.Next(24):00}:{random.Next(60):00}:{random.Next(60):00}, sum {random.NextDouble() * 1e9:0.00}.",
            });
        }

        return sentences;

        string Pick(string[] values) => values[random.Next(values.Length)];
    }
}
