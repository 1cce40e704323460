using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace AgentHosting;

/// <summary>
/// Binds the options of a stage after code has set them: the unnamed ones from <c>AgentHosting:STAGE</c>, the others from <c>AgentHosting:STAGE:NAME</c>
/// alone. What stands there and is read by nobody is an error.
/// </summary>
internal sealed class StageOptionsBinder<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicProperties)] TOptions>(
    IConfiguration? configuration, StageOptionsNames<TOptions> names, Action<IConfigurationSection, TOptions> bind) : IPostConfigureOptions<TOptions>
    where TOptions : class
{
    private static readonly string Stage = StageSection.NameOf<TOptions>();

    public void PostConfigure(string? name, TOptions options)
    {
        if (configuration is null)
        {
            return;
        }

        var stage = configuration.GetSection(StageSection.KeyOf<TOptions>(null));
        CheckStage(stage);
        if (string.IsNullOrEmpty(name))
        {
            StrictBinding.Bind(WithoutNames(stage), options, bind);
            return;
        }

        var section = stage.GetSection(name);
        if (section.GetChildren().FirstOrDefault(child => !names.IsSetting(child.Key)) is { } unknown)
        {
            throw new InvalidOperationException($"{unknown.Path} is not a setting of {typeof(TOptions).Name}. Correct or remove it.");
        }

        StrictBinding.Bind(section, options, bind);
    }

    // Whichever options are read first, so that it is found where only names are registered too.
    private void CheckStage(IConfigurationSection stage)
    {
        foreach (var child in stage.GetChildren().Where(child => !names.IsName(child.Key)))
        {
            if (!names.IsSetting(child.Key))
            {
                throw new InvalidOperationException(
                    $"{child.Path} is neither a setting of {typeof(TOptions).Name} nor the name of registered options, which are: {names}. Correct or remove it, or call Add{Stage}(optionsName: \"{child.Key}\").");
            }

            if (!names.Contains(Options.DefaultName))
            {
                throw new InvalidOperationException(
                    $"{child.Path} is a setting of the unnamed options, which are not registered, and those with a name do not inherit it. Registered are: {names}. Move it below one of them, or call Add{Stage}().");
            }
        }
    }

    // A copy, since the strict binder takes the section of a name for a misspelt setting, and since it sees a setting that is null only in a section of the library's own type.
    private IConfigurationSection WithoutNames(IConfigurationSection stage) => new ConfigurationBuilder()
        .AddInMemoryCollection(stage.GetChildren()
            .Where(child => !names.IsName(child.Key))
            .SelectMany(static child => child.AsEnumerable())
            .Prepend(KeyValuePair.Create(stage.Path, stage.Value)))
        .Build()
        .GetSection(stage.Path);
}
