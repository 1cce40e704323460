using Microsoft.Extensions.Configuration;

namespace AgentHosting;

/// <summary>Reads a section so that a misspelt key is an error that names it, not a setting without effect.</summary>
internal static class StrictBinding
{
    /// <summary>For the calls of the source-generated binder.</summary>
    public static void Strict(BinderOptions options) => options.ErrorOnUnknownConfiguration = true;

    public static void Bind<TOptions>(IConfigurationSection section, TOptions options, Action<IConfigurationSection, TOptions> bind)
    {
        if (!string.IsNullOrEmpty(section.Value))
        {
            throw new InvalidOperationException($"{section.Path} is '{section.Value}', where a section with settings is expected. Put the settings below it, or remove it.");
        }

        try
        {
            bind(section, options);
        }
        catch (InvalidOperationException exception)
        {
            // The binder names an unknown key, but not where it stands.
            throw new InvalidOperationException($"{section.Path} cannot be read. {exception.Message}", exception);
        }
    }
}
