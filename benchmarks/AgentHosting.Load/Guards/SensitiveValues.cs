using System.Globalization;
using System.Numerics;
using System.Text;

namespace AgentHosting.Load.Guards;

/// <summary>Makes sensitive values with check digits of their own, written apart from the code that finds them.</summary>
internal sealed class SensitiveValues(Random random)
{
    private const string Base64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    private const string UrlSafe = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    private const string Alphanumeric = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

    public IReadOnlyList<(string Kind, Func<string> Make)> Makers =>
    [
        ("EMAIL", Email), ("EMAIL", Email), ("PHONE", Phone), ("CARD", Card), ("CARD", Card), ("IBAN", Iban), ("NATIONAL_ID", Ssn), ("NATIONAL_ID", Nino), ("NATIONAL_ID", SteuerId),
        ("NATIONAL_ID", Nir), ("NATIONAL_ID", Dni), ("NATIONAL_ID", Nie), ("NATIONAL_ID", CodiceFiscale), ("NATIONAL_ID", Pesel), ("NATIONAL_ID", Cpf), ("NATIONAL_ID", Cnpj),
        ("NATIONAL_ID", Belgian), ("IP_ADDRESS", IPv4), ("IP_ADDRESS", IPv6), ("API_KEY", () => "sk-proj-" + Chars(UrlSafe, 44) + "7a"), ("API_KEY", () => "sk-ant-api03-" + Chars(UrlSafe, 90) + "1A"),
        ("API_KEY", () => "AKIA" + Chars("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", 16)), ("API_KEY", () => "ghp_" + Chars(Alphanumeric, 35) + "3"),
        ("API_KEY", () => "github_pat_" + Chars(Alphanumeric, 22) + "_" + Chars(Alphanumeric, 58) + "9"), ("API_KEY", () => "AIza" + Chars(Alphanumeric, 34) + "5"),
        ("API_KEY", () => $"xoxb-{Digits(12)}-{Digits(12)}-{Chars(Alphanumeric, 24)}"), ("API_KEY", () => "sk_live_" + Chars(Alphanumeric, 23) + "4"), ("JWT", Jwt), ("PRIVATE_KEY", Pem),
    ];

    public string Email() => Pick("jane.doe", "k_mueller", "info+tag", "o.brien-42", "x", "jörg.weiß", "ANNA") + "@" + Pick("example", "mail.example", "shop-24", "müller") + "." + Pick("com", "org", "co.uk", "de", "io");

    public string Phone() => random.Next(6) switch
    {
        0 => $"+49 {random.Next(151, 180)} {Digits(7)}",
        1 => $"+1{random.Next(201, 990)}{random.Next(201, 990)}{Digits(4)}",
        2 => $"({random.Next(201, 990)}) {random.Next(201, 990)}-{Digits(4)}",
        3 => $"{random.Next(201, 990)}-{random.Next(201, 990)}-{Digits(4)}",
        4 => $"0{random.Next(1, 8)} {Digits(2)} {Digits(2)} {Digits(2)} {Digits(2)}",
        _ => $"+44 20 7{Digits(3)} {Digits(4)}",
    };

    public string Card()
    {
        var (prefix, length) = Pick(("4", 16), ("51", 16), ("55", 16), ("2223", 16), ("37", 15), ("6011", 16), ("3530", 16), ("62", 19));
        var body = prefix + Digits(length - prefix.Length - 1);
        var sum = body.Reverse().Select((digit, i) => (digit - '0') * (i % 2 == 0 ? 2 : 1)).Sum(static value => (value / 10) + (value % 10));
        var number = body + (char)('0' + ((10 - (sum % 10)) % 10));
        var separator = Pick("", " ", "-");
        var groups = length == 15 ? new[] { 4, 6, 5 } : length == 19 ? [4, 4, 4, 4, 3] : [4, 4, 4, 4];
        var at = 0;
        return string.Join(separator, groups.Select(size => number[at..(at += size)]));
    }

    public string Iban()
    {
        var (country, length, isNumeric) = Pick(("DE", 22, true), ("FR", 27, false), ("GB", 22, false), ("NL", 18, false), ("ES", 24, true), ("CH", 21, true), ("NO", 15, true), ("MT", 31, false));
        var body = country == "GB" ? "NWBK" + Digits(14) : country == "NL" ? "ABNA" + Digits(10) : isNumeric ? Digits(length - 4) : Chars("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", length - 4);
        var asNumber = string.Concat((body + country + "00").Select(static value => char.IsDigit(value) ? value.ToString() : (value - 'A' + 10).ToString(CultureInfo.InvariantCulture)));
        var check = 98 - (int)(BigInteger.Parse(asNumber, CultureInfo.InvariantCulture) % 97);
        var code = $"{country}{check:00}{body}";
        return random.Next(2) == 0 ? code : string.Join(' ', code.Chunk(4).Select(static part => new string(part)));
    }

    public string Ssn() => $"{random.Next(1, 665):000}-{random.Next(1, 100):00}-{random.Next(1, 10_000):0000}";

    public string Nino() => Pick("AB", "CE", "JM", "SX") + Digits(6) + Pick("A", "B", "C", "D");

    public string SteuerId()
    {
        // Ten digits, one of them twice.
        var digits = Enumerable.Range(0, 10).OrderBy(_ => random.Next()).ToList();
        digits[9] = digits[0];
        digits = [.. digits.Where(static (_, i) => i > 0).Prepend(digits[0] == 0 ? digits[1] : digits[0])];
        if (digits.Count != 10 || digits[0] == 0 || digits.GroupBy(static digit => digit).Count(static group => group.Count() > 1) != 1)
        {
            return SteuerId();
        }

        var product = 10;
        foreach (var digit in digits)
        {
            var sum = (digit + product) % 10;
            product = (sum == 0 ? 10 : sum) * 2 % 11;
        }

        return string.Concat(digits) + ((11 - product) % 10).ToString(CultureInfo.InvariantCulture);
    }

    public string Nir()
    {
        var body = $"{random.Next(1, 3)}{Digits(2)}{random.Next(1, 13):00}{random.Next(1, 95):00}{Digits(6)}";
        var key = 97 - (long.Parse(body, CultureInfo.InvariantCulture) % 97);
        return random.Next(2) == 0 ? $"{body}{key:00}" : $"{body[0]} {body[1..3]} {body[3..5]} {body[5..7]} {body[7..10]} {body[10..]} {key:00}";
    }

    public string Dni()
    {
        var number = random.Next(10_000_000, 100_000_000);
        return $"{number}{"TRWAGMYFPDXBNJZSQVHLCKE"[number % 23]}";
    }

    public string Nie()
    {
        var (first, number) = (random.Next(3), random.Next(1_000_000, 10_000_000));
        return $"{"XYZ"[first]}{number}{"TRWAGMYFPDXBNJZSQVHLCKE"[((first * 10_000_000) + number) % 23]}";
    }

    public string CodiceFiscale()
    {
        var code = Chars("BCDFGLMNPRSTVZ", 6) + Digits(2) + Pick("A", "B", "C", "D", "E", "H", "L", "M", "P", "R", "S", "T") + random.Next(10, 29) + "H" + Digits(3);
        int[] odd = [1, 0, 5, 7, 9, 13, 15, 17, 19, 21];
        int[] oddLetters = [1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23];
        var sum = code.Select((value, i) => i % 2 == 0
            ? char.IsDigit(value) ? odd[value - '0'] : oddLetters[value - 'A']
            : char.IsDigit(value) ? value - '0' : value - 'A').Sum();
        return code + (char)('A' + (sum % 26));
    }

    public string Pesel()
    {
        var body = $"{Digits(2)}{random.Next(1, 13):00}{random.Next(1, 29):00}{Digits(4)}";
        int[] weights = [1, 3, 7, 9, 1, 3, 7, 9, 1, 3];
        return body + ((10 - (body.Select((digit, i) => (digit - '0') * weights[i]).Sum() % 10)) % 10);
    }

    public string Cpf()
    {
        var body = Digits(9);
        body += Mod11(body, 10);
        body += Mod11(body, 11);
        return random.Next(2) == 0 ? body : $"{body[..3]}.{body[3..6]}.{body[6..9]}-{body[9..]}";
    }

    public string Cnpj()
    {
        var body = Digits(8) + "0001";
        body += Mod11(body, 5);
        body += Mod11(body, 6);
        return $"{body[..2]}.{body[2..5]}.{body[5..8]}/{body[8..12]}-{body[12..]}";
    }

    public string Belgian()
    {
        var body = $"{random.Next(40, 99)}{random.Next(1, 13):00}{random.Next(1, 29):00}{random.Next(1, 998):000}";
        var check = 97 - (int)(long.Parse(body, CultureInfo.InvariantCulture) % 97);
        return $"{body[..2]}.{body[2..4]}.{body[4..6]}-{body[6..]}.{check:00}";
    }

    public string IPv4() => $"{random.Next(1, 127)}.{random.Next(256)}.{random.Next(256)}.{random.Next(1, 256)}";

    public string IPv6() => random.Next(2) == 0
        ? $"2001:db8:{random.Next(4096):x}::{random.Next(4096):x}"
        : string.Join(':', Enumerable.Range(0, 8).Select(_ => random.Next(4096, 65536).ToString("x4", CultureInfo.InvariantCulture))).Replace(':', ':');

    public string Jwt() => $"eyJ{Chars(UrlSafe, 33)}.eyJ{Chars(UrlSafe, 60)}.{Chars(UrlSafe, 42)}z";

    public string Pem()
    {
        var key = new StringBuilder("-----BEGIN RSA PRIVATE KEY-----\n");
        for (var line = 0; line < 6; line++)
        {
            key.Append(Chars(Base64, 64)).Append('\n');
        }

        return key.Append(Chars(Base64, 21)).Append("==\n-----END RSA PRIVATE KEY-----").ToString();
    }

    // The check digit that Brazil's numbers end with.
    private static string Mod11(string body, int first)
    {
        var weight = first;
        var sum = 0;
        foreach (var digit in body)
        {
            sum += (digit - '0') * weight;
            weight = weight == 2 ? (first <= 6 ? 9 : 11) : weight - 1;
        }

        return (sum % 11 < 2 ? 0 : 11 - (sum % 11)).ToString(CultureInfo.InvariantCulture);
    }

    private string Digits(int count) => Chars("0123456789", count);

    private string Chars(string alphabet, int count)
    {
        var text = new StringBuilder(count);
        for (var i = 0; i < count; i++)
        {
            text.Append(alphabet[random.Next(alphabet.Length)]);
        }

        return text.ToString();
    }

    private T Pick<T>(params T[] values) => values[random.Next(values.Length)];
}
