namespace AdminPortal.Features.Help;

/// <summary>The slice's face.</summary>
internal static class HelpServices
{
    public static void AddHelp(this IServiceCollection services) => services.AddSingleton<HelpLibrary>();
}
