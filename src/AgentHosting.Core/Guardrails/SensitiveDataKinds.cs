namespace AgentHosting.Guardrails;

/// <summary>The kinds of sensitive data that are found without further ado. A detector of your own adds kinds of its own.</summary>
public static class SensitiveDataKinds
{
    /// <summary>An e-mail address.</summary>
    public const string Email = "EMAIL";

    /// <summary>A phone number: international with <c>+</c> or <c>00</c>, and the common national forms.</summary>
    public const string Phone = "PHONE";

    /// <summary>The number of a payment card, with its Luhn digit.</summary>
    public const string Card = "CARD";

    /// <summary>An IBAN of the right length for its country, with its check digits.</summary>
    public const string Iban = "IBAN";

    /// <summary>A national identity, tax or insurance number whose form or check digits are right.</summary>
    public const string NationalId = "NATIONAL_ID";

    /// <summary>An IPv4 or IPv6 address other than loopback and unspecified.</summary>
    public const string IpAddress = "IP_ADDRESS";

    /// <summary>A key or token in the form of a known provider.</summary>
    public const string ApiKey = "API_KEY";

    /// <summary>A JSON web token.</summary>
    public const string Jwt = "JWT";

    /// <summary>A private key in PEM form.</summary>
    public const string PrivateKey = "PRIVATE_KEY";

    /// <summary>A password in a URL, a connection string or an assignment.</summary>
    public const string Password = "PASSWORD";

    /// <summary>A value that looks random after a word such as <c>token</c> or <c>secret</c>.</summary>
    public const string Secret = "SECRET";

    /// <summary>All of them.</summary>
    public static IReadOnlyList<string> All { get; } = [Email, Phone, Card, Iban, NationalId, IpAddress, ApiKey, Jwt, PrivateKey, Password, Secret];
}
