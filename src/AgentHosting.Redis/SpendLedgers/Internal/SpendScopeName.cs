using System.Globalization;
using AgentHosting.SpendLedgers;

namespace AgentHosting.Redis.SpendLedgers.Internal;

/// <summary>Under what the spend of a scope is stored. A user or session of one name in two tenants are two, and a user without a tenant is no tenant of that name.</summary>
internal static class SpendScopeName
{
    /// <summary>The tenant within which the name of a scope is meant.</summary>
    public static string? TenantOf(SpendScope scope, SpendAccount account) => scope switch
    {
        SpendScope.User => account.TenantId,
        SpendScope.Session => account.TenantId ?? account.UserId,
        _ => null,
    };

    /// <summary>Whether it never resets, and is forgotten once it has not been used for long.</summary>
    public static bool IsForgottenWhenIdle(SpendScope scope) => scope is SpendScope.Run or SpendScope.Session;

    /// <summary>A key without ambiguity: only the last part, the name, may hold anything.</summary>
    /// <returns>The key; <see langword="null"/> when the account belongs to none in that scope.</returns>
    public static string? KeyOf(string kind, string what, SpendScope scope, SpendAccount account)
    {
        if (account.IdOf(scope) is not { } id)
        {
            return null;
        }

        var tenant = TenantOf(scope, account);
        var alone = account.TenantId is null && (scope is SpendScope.Tenant or SpendScope.Session) ? "u" : "";
        return tenant is null
            ? string.Create(CultureInfo.InvariantCulture, $"{kind}:{(int)scope}{alone}|{what}|-|{id}")
            : string.Create(CultureInfo.InvariantCulture, $"{kind}:{(int)scope}{alone}|{what}|{tenant.Length}|{tenant}|{id}");
    }
}
