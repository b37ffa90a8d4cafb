using System.Text;

namespace AdminPortal.Provisioning.Users;

/// <summary>Passwords in one Unicode form: keyboards and systems write the same letter in different ways.</summary>
internal static class PasswordText
{
    /// <summary>The password in normalization form C. Text that cannot be normalized (half of a surrogate pair) stays as it is.</summary>
    public static string Normalize(string password)
    {
        try
        {
            return password.Normalize(NormalizationForm.FormC);
        }
        catch (ArgumentException)
        {
            return password;
        }
    }
}
