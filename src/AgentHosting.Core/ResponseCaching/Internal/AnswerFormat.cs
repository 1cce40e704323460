using System.Text.Json;

namespace AgentHosting.ResponseCaching.Internal;

/// <summary>The bytes of an answer in the shared cache.</summary>
internal static class AnswerFormat
{
    public static byte[] Write(CachedAnswer answer, DateTimeOffset expiresAt) =>
        JsonSerializer.SerializeToUtf8Bytes(
            new StoredAnswer { Version = StoredAnswer.CurrentVersion, ExpiresAt = expiresAt.ToUnixTimeMilliseconds(), Answer = answer },
            StoredAnswerJsonContext.Default.StoredAnswer);

    /// <summary>Reads an answer.</summary>
    /// <returns>The answer, or <see langword="null"/> when it is of another version.</returns>
    /// <exception cref="JsonException">The bytes are none that any version wrote.</exception>
    public static StoredAnswer? Read(ReadOnlySpan<byte> bytes) =>
        JsonSerializer.Deserialize(bytes, StoredAnswerJsonContext.Default.StoredAnswer) is { Version: StoredAnswer.CurrentVersion, Answer: not null } stored ? stored : null;
}
