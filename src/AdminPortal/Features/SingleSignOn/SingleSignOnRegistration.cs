namespace AdminPortal.Features.SingleSignOn;

/// <summary>The slice's face.</summary>
internal static class SingleSignOnRegistration
{
    public static void AddSingleSignOnPages(this IServiceCollection services) => services.AddHostedService<SingleSignOnWarning>();
}
