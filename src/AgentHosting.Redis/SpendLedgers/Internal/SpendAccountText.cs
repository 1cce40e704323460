using System.Buffers;
using System.Text.Json;
using AgentHosting.SpendLedgers;
using AgentHosting.SpendLedgers.Internal;
using StackExchange.Redis;

namespace AgentHosting.Redis.SpendLedgers.Internal;

/// <summary>Accounts, and by whom sums are kept, as they are stored: arrays of names.</summary>
internal static class SpendAccountText
{
    public static RedisValue Of(SpendAccount account) => Write(account.TenantId, account.UserId, account.Agent, account.Model, account.SessionId, account.RunId);

    /// <summary>By whom sums are kept.</summary>
    public static RedisValue KeyOf(SpendAccount account) => Write(account.TenantId, account.UserId, account.Agent, account.Model);

    public static SpendAccount ToAccount(string text)
    {
        var names = Read(text);
        return new SpendAccount { TenantId = names[0], UserId = names[1], Agent = names[2], Model = names[3], SessionId = names[4], RunId = names[5] };
    }

    public static SpendSumKey ToKey(DateOnly day, string text)
    {
        var names = Read(text);
        return new SpendSumKey(day, names[0], names[1], names[2], names[3]);
    }

    private static RedisValue Write(params ReadOnlySpan<string?> names)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartArray();
            foreach (var name in names)
            {
                json.WriteStringValue(name);
            }

            json.WriteEndArray();
        }

        return buffer.WrittenMemory;
    }

    private static string?[] Read(string text)
    {
        using var json = JsonDocument.Parse(text);
        return [.. json.RootElement.EnumerateArray().Select(static name => name.GetString())];
    }
}
