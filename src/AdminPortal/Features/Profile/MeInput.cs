namespace AdminPortal.Features.Profile;

/// <summary>What the forms of the page "Signing in" post, each a part of it.</summary>
public sealed class MeInput
{
    /// <summary>Which form it was.</summary>
    public string? Form { get; set; }

    /// <summary>The password, or a code of the app where the password is not asked for.</summary>
    public string? Proof { get; set; }

    public string? NewPassword { get; set; }

    public string? Code { get; set; }

    public string? Name { get; set; }

    public string? Id { get; set; }
}
