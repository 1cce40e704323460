using System.Text;
using AgentHosting.Load.Guards;

namespace AgentHosting.Core.Tests.Guardrails;

/// <summary>Values written so that a reader, a browser or a program sees them and a plain pattern does not.</summary>
public sealed class OutputGuardDisguiseTests
{
    private const int Seed = 20_261_127;
    private const string Jwt = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U";
    private const string Pem = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7";

    public static TheoryData<string, string> Caught => new()
    {
        // Invisible characters.
        { "card 4111\u200b1111\u200b1111\u200b1111 ok", "card [CARD] ok" },
        { "card 4\u200d1\u200c1\u20601\ufeff 1111 1111\u00ad 1111 ok", "card [CARD] ok" },
        { "mail jane\u200b@exa\u00admple.com ok", "mail [EMAIL] ok" },
        { "mail ja\u2060ne@example\u200d.\u200ccom", "mail [EMAIL]" },
        { "key sk-proj-abc\u200b123DEF456ghi789JKL ok", "key [API_KEY] ok" },
        { "key A\u200bK\u200bIAIOSFODNN7EXAMP12 ok", "key [API_KEY] ok" },
        { "DE89\u200b3704\u200b0044 0532 0130 00.", "[IBAN]." },
        { "\u202a4111111111111111\u202c", "\u202a[CARD]\u202c" },
        { "(\u200b4111111111111111\u200b)", "(\u200b[CARD]\u200b)" },
        { "password=Tr0ub\u200b4dor&3 end", "password=[PASSWORD] end" },
        { $"token {Jwt.Replace(".", "\u200b.", StringComparison.Ordinal)} ok", "token [JWT] ok" },

        // Characters that look like ASCII.
        { "card ４１１１ １１１１ １１１１ １１１１ ok", "card [CARD] ok" },
        { "card 4111-１１１１-1111-１１１１ ok", "card [CARD] ok" },
        { "mail ｊａｎｅ＠ｅｘａｍｐｌｅ．ｃｏｍ ok", "mail [EMAIL] ok" },
        { "电话：＋４９ ３０ １２３４５６７８。", "电话：[PHONE]。" },
        { "card ٤١١١١١١١١١١١١١١١ ok", "card [CARD] ok" },
        { "card ४१११११११११११११११ ok", "card [CARD] ok" },
        { "key ｓｋ－proj-abc123DEF456ghi789JKL ok", "key [API_KEY] ok" },
        { "ＤＥ89370400440532013000 ok", "[IBAN] ok" },
        { "card 4111\u20071111\u20071111\u20071111 ok", "card [CARD] ok" },
        { "card 4111\u30001111\u30001111\u30001111 ok", "card [CARD] ok" },

        { "mail j\u0430ne@ex\u0430mple.com ok", "mail [EMAIL] ok" },

        // Dashes and other separators.
        { "card 4111\u20131111\u20131111\u20131111 ok", "card [CARD] ok" },
        { "card 4111\u20141111\u20141111\u20141111 ok", "card [CARD] ok" },
        { "card 4111\u22121111\u22121111\u22121111 ok", "card [CARD] ok" },
        { "card 4111 1111-1111.1111 ok", "card [CARD] ok" },
        { "card 4111/1111/1111/1111 ok", "card [CARD] ok" },
        { "card 4111\u00a01111 1111\u00a01111 ok", "card [CARD] ok" },
        { "call +49\u201030\u201012345678 now", "call [PHONE] now" },
        { "call +49\u201130\u201112345678 now", "call [PHONE] now" },
        { "call +49\u201230\u201212345678 now", "call [PHONE] now" },
        { "call +49\u201330\u201312345678 now", "call [PHONE] now" },
        { "call +49\u201530\u201512345678 now", "call [PHONE] now" },
        { "call +49.30.12345678 now", "call [PHONE] now" },
        { "call +49/30/12345678 now", "call [PHONE] now" },
        { "call +49\u00a030\u00a012345678 now", "call [PHONE] now" },
        { "call 212\u2013555\u20130123 now", "call [PHONE] now" },
        { "DE89.3704.0044.0532.0130.00 ok", "[IBAN] ok" },
        { "DE89/3704/0044/0532/0130/00 ok", "[IBAN] ok" },
        { "DE89\u20133704\u20130044\u20130532\u20130130\u201300 ok", "[IBAN] ok" },
        { "DE89\u00a03704\u00a00044\u00a00532\u00a00130\u00a000 ok", "[IBAN] ok" },
        { "DE89\u202f3704\u202f0044\u202f0532\u202f0130\u202f00 ok", "[IBAN] ok" },

        // Escapes.
        { "see https://a.example/?email=jane.doe%40example.com&x=1 ok", "see https://a.example/?email=[EMAIL]&x=1 ok" },
        { "jane%2Bspam%40example.com", "[EMAIL]" },
        { "It answered {\"mail\": \"jane\\u0040example.com\"} to it", "It answered {\"mail\": \"[EMAIL]\"} to it" },
        { "It answered {\"phone\": \"\\u002B49 30 12345678\"} to it", "It answered {\"phone\": \"[PHONE]\"} to it" },
        { "twice: \"{\\\"mail\\\": \\\"jane\\\\u0040example.com\\\"}\"", "twice: \"{\\\"mail\\\": \\\"[EMAIL]\\\"}\"" },
        { "curl -d \"{\\\"password\\\":\\\"Tr0ub4dor\\\"}\" https://a.example", "curl -d \"{\\\"password\\\":\\\"[PASSWORD]\\\"}\" https://a.example" },
        { "\"https:\\/\\/jane:Tr0ub4dor@db.example\\/x\"", "\"https:\\/\\/jane:[PASSWORD]@db.example\\/x\"" },
        { "\\u0034111111111111111", "[CARD]" },

        // Keys.
        { $"-----BEGIN PRIVATE KEY-----\r\n{Pem}\r\n{Pem}==\r\n-----END PRIVATE KEY-----\r\nend", "[PRIVATE_KEY]\r\nend" },
        { $"\"-----BEGIN PRIVATE KEY-----\\n{Pem}\\n{Pem}==\\n-----END PRIVATE KEY-----\\n\" end", "\"[PRIVATE_KEY]\\n\" end" },
        { $"\"-----BEGIN PRIVATE KEY-----\\r\\n{Pem}\\r\\n-----END PRIVATE KEY-----\" end", "\"[PRIVATE_KEY]\" end" },
        { $"\"-----BEGIN PRIVATE KEY-----\\\\n{Pem}\\\\n{Pem}\\\\n-----END PRIVATE KEY-----\" end", "\"[PRIVATE_KEY]\" end" },
        { $"\"-----BEGIN PRIVATE KEY-----\\n{Pem[..20]}\\/{Pem[20..]}\\n-----END PRIVATE KEY-----\" end", "\"[PRIVATE_KEY]\" end" },
        { $"{Jwt.Replace(".", "==.", StringComparison.Ordinal)} ok", "[JWT] ok" },
        { $"{Jwt}= ok", "[JWT] ok" },

        // Quoted passwords.
        { "Server=db;User Id=sa;Password=\"Tr0;ub4dor(3\";Encrypt=true", "Server=db;User Id=sa;Password=\"[PASSWORD]\";Encrypt=true" },
        { "Server=db;Password='a;b1c2,d';Encrypt=true", "Server=db;Password='[PASSWORD]';Encrypt=true" },
        { "Server=db;Password=\"Tr0'ub;4dor\";x", "Server=db;Password=\"[PASSWORD]\";x" },
        { "AccountName=a;AccountKey=\"Zm9vYmFyMTIzNDU2Nzg5MGFiY2RlZg==\";x", "AccountName=a;AccountKey=\"[SECRET]\";x" },
    };

    // What docs/middleware/output-guard.md says it cannot do. A case that is caught one day moves up, and out of that page.
    public static TheoryData<string> NotCaught =>
    [
        "jane at example dot com",
        "jane [at] example.com",
        "jane&#64;example.com",
        "jane%2540example.com",
        "jane\\x40example.com",
        "4111 - 1111 - 1111 - 1111",
        "4111  1111  1111  1111",
        "4111 1111\n1111 1111",
        "four one one one 1111 1111 1111",
        "\U0001d7d2\U0001d7cf\U0001d7cf\U0001d7cf 1111 1111 1111",
        "amFuZUBleGFtcGxlLmNvbQ==",
    ];

    public static TheoryData<string> Harmless =>
    [
        "id 3f2504e0-4f89-41d3-9a0c-0305e82c3301 and 00000000-0000-0000-0000-000000000000",
        "commit e83c5163316f89bfbde7d9ab23ca2e25604af290, short 1234567 or 0123456",
        "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "at 2026-11-26T22:14:07.1234567Z, 2026-11-26 22:14:07+01:00, 20261126T221407Z, 2026/11/26",
        "v1.2.3, 10.0.100-preview.7.25380.108, 1.2.3+build.20261126, ^4.17.21, >=3.8.0,<4.0.0",
        "![](data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==)",
        "color: #1e90ff; background: rgba(12, 34, 56, 0.78); border: 1px solid #00000080; margin: -1px",
        "pi is 3.14159265358979323846264338327950288, e is 2.718281828459045, and 6.62607015e-34",
        "for (var key = 0; key < keys.Length; key++) { map[key] = token; }",
        "const token: string = await getToken(); const key = event.key; public string Token { get; set; }",
        "token: CancellationToken.None, key: nameof(Options.Key), secret: config.GetSecret(name)",
        "if (password == null || password.Length < 12) { throw new ArgumentException(\"password\"); }",
        "Lorem ipsum dolor sit amet, consectetur adipiscing elit, sed do eiusmod tempor incididunt ut labore.",
        "\\frac{1}{2} \\url{x} \\\"a \\u \\uXYZ1 C:\\users\\jane\\new \\\\server\\share \\d+\\/\\w*",
        "👨\u200d👩\u200d👧 1\ufe0f\u20e3 2\ufe0f\u20e3 3\ufe0f\u20e3 می\u200cخواهم hy\u00adphen",
        "the years 1939\u20131945, pages 1234\u20131256, 10\u201320\u202f%, 2019\u20132020\u20132021, \u22125\u202f°C \u2014 and so on",
        "价格：１２３４５元，共２０２６年１１月２６日（星期四）。",
        "npm i @angular/core@20.1.0, pkg:npm/%40angular/core@12.3.1, user@host:~/src, 100%40 of it",
        "ports 8080:80, 5432/tcp, ::1, 127.0.0.1, ratio 16:9, 12:34:56, Isaiah 40:31",
        "order 2026-0001-0042-0007, ISBN 978-3-16-148410-0, EAN 4006381333931, part 1234-5678",
        "4111 1111-1111 1112 is no card, DE89.3704.0044.0532.0130.01 is no IBAN",
        "password=... The password: . and password=? and \"password\":\".\" and token=!",
        "\"password\": \"Passwort\", 'pwd': '', password = \"(hidden)\"",
    ];

    [Theory]
    [MemberData(nameof(Caught))]
    public void Whole_DisguisedValue_IsReplacedHoweverItIsCut(string text, string expected)
    {
        var guarded = new Guarded();
        Assert.Equal(expected, guarded.Whole(text));
        for (var cut = 0; cut <= text.Length; cut++)
        {
            Check(guarded, text, expected, [cut]);
        }

        Check(guarded, text, expected, Enumerable.Range(1, text.Length - 1));
    }

    [Theory]
    [MemberData(nameof(NotCaught))]
    public void Whole_WhatTheDocsSayItCannotDo_IsPassedOn(string text) => Assert.Equal(text, new Guarded().Whole(text));

    [Theory]
    [MemberData(nameof(Harmless))]
    public void Whole_HarmlessText_IsPassedOnHoweverItIsCut(string text)
    {
        var guarded = new Guarded();
        Assert.Equal(text, guarded.Whole(text));
        Check(guarded, text, text, Enumerable.Range(1, text.Length - 1));
    }

    [Fact]
    public void Whole_PlantedValuesDisguisedAtRandom_AreReplacedHoweverTheyAreCut()
    {
        var guarded = new Guarded();
        var random = new Random(Seed);
        foreach (var text in GuardCorpus.Planted(Seed, 620))
        {
            var disguised = text.Text.Replace(text.Value, Disguise(text.Value, random), StringComparison.Ordinal);
            var whole = guarded.Whole(disguised);
            Assert.True(whole == guarded.Whole(text.Text), $"seed {Seed}, {text.Kind}\nplain:     {guarded.Whole(text.Text)}\ndisguised: {disguised}\nwhole:     {whole}");
            Check(guarded, disguised, whole, Enumerable.Range(0, random.Next(1, 12)).Select(_ => random.Next(disguised.Length + 1)).Order());
            Check(guarded, disguised, whole, Enumerable.Range(1, disguised.Length - 1));
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Stream_RandomDisguises_ShowOnlyPrefixesOfTheWhole(bool isJson)
    {
        string[] parts = ["4111111111111111", "jane", "@", "example.com", "\\", "\\\\", "\\u", "\\u0040", "0040", "\\\"", "\"", "\u200b", "\u00ad", "１", "－", "\u2013", "\u2014", "1", "23", " ",
            "sk-abc123DEF456ghi789JKL012", "password", "=", ":", ";", "/", "%40", "u", "n", "é", "\n", "eyJhbGciOiJIUzI1NiJ9", ".", new string('a', 4_200)];
        var guarded = new Guarded();
        var random = new Random(Seed);
        for (var i = 0; i < 6_000; i++)
        {
            var text = string.Concat(Enumerable.Range(0, random.Next(2, 30)).Select(_ => parts[random.Next(random.Next(20) == 0 ? parts.Length : parts.Length - 1)]));
            Check(guarded, text, guarded.Whole(text, isJson), Enumerable.Range(0, random.Next(1, 10)).Select(_ => random.Next(text.Length + 1)).Order(), isJson);
        }
    }

    [Fact]
    public void Stream_KeyLongerThanIsLookedAtWithInvisibleCharacters_ShowsNothingOfIt()
    {
        var guarded = new Guarded();
        var text = "see sk-a1" + string.Concat(Enumerable.Repeat("bc2\u200b", 3_000)) + " end";
        Assert.Equal("see [API_KEY] end", guarded.Whole(text));
        Check(guarded, text, "see [API_KEY] end", Enumerable.Range(1, (text.Length - 1) / 7).Select(static index => index * 7));
    }

    [Fact]
    public void Json_JsonInAStringOfJson_IsReadAndStaysJson()
    {
        const string Json = """{"body": "{\"mail\": \"jane\\u0040example.com\", \"password\": \"Tr0ub4dor\"}", "path": "C:\\", "card": "4111\u200b1111\u200b1111\u200b1111"}""";
        const string Expected = """{"body": "{\"mail\": \"[EMAIL]\", \"password\": \"[PASSWORD]\"}", "path": "C:\\", "card": "[CARD]"}""";
        var guarded = new Guarded();
        Assert.Equal(Expected, guarded.Whole(Json, isJson: true));
        Check(guarded, Json, Expected, Enumerable.Range(1, Json.Length - 1), isJson: true);
    }

    private static string Disguise(string value, Random random)
    {
        var disguised = new StringBuilder();
        for (var i = 0; i < value.Length; i++)
        {
            var isPlain = !char.IsAsciiLetterOrDigit(value[i]) || (i > 0 && value[i - 1] == '\\');
            disguised.Append((isPlain ? 0 : random.Next(8)) switch
            {
                1 => ((char)(value[i] - '!' + '\uff01')).ToString(),
                2 => $"\\u{(int)value[i]:X4}",
                _ => value[i].ToString(),
            });
            if (i < value.Length - 1 && random.Next(6) == 0)
            {
                disguised.Append("\u200b\u200c\u200d\u2060\u00ad\ufeff"[random.Next(6)]);
            }
        }

        return disguised.ToString();
    }

    private static void Check(Guarded guarded, string text, string whole, IEnumerable<int> cuts, bool isJson = false)
    {
        var places = cuts.ToArray();
        var seen = guarded.Stream(text, places, isJson);
        if (seen[^1] != whole || !seen.TrueForAll(shown => whole.StartsWith(shown, StringComparison.Ordinal)))
        {
            Assert.Fail($"seed {Seed}, cuts {string.Join(",", places)}\ntext:  {text}\nwhole: {whole}\nseen:  {string.Join("\n       ", seen.Distinct())}");
        }
    }
}
